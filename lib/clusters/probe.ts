import "server-only";
import type { AgentStatus } from "../obshell/schema";
import { singleton } from "../singleton";
import { askEach } from "../in-parallel";
import { agentOf } from "./registry";

const STATUS_TIMEOUT_MS = 3_000;
const CLOCK_TIMEOUT_MS = 2_000;
const CLOCK_EVERY_MS = 60_000;

/** What one agent said just now; `status` is null when it did not answer. */
export interface Probe {
  address: string;
  status: AgentStatus | null;
  /** Unix ms of its last answer to this process; null if it never answered. */
  lastAnswerMs: number | null;
  /** Agent clock minus console clock; null when not measured. */
  skewMs: number | null;
}

interface Memory {
  lastAnswerMs: number | null;
  skewMs: number | null;
  skewAtMs: number;
}

const memories = () => singleton("clusters.probes", () => new Map<string, Memory>());

/** Asks every agent for its status in parallel, and now and then for its clock. Never throws: silence is an answer. */
export const probeAgents = (clusterId: string, addresses: readonly string[]): Promise<Map<string, Probe>> =>
  askEach(addresses, (address) => probeAgent(clusterId, address));

async function probeAgent(clusterId: string, address: string): Promise<Probe> {
  const key = `${clusterId} ${address}`;
  const memory = memories().get(key) ?? { lastAnswerMs: null, skewMs: null, skewAtMs: 0 };
  memories().set(key, memory);
  const agent = agentOf(clusterId, address);
  const status = await agent.status({ timeoutMs: STATUS_TIMEOUT_MS }).catch(() => null);
  if (status) {
    memory.lastAnswerMs = Date.now();
    if (Date.now() - memory.skewAtMs > CLOCK_EVERY_MS) {
      const clock = await agent.clock({ timeoutMs: CLOCK_TIMEOUT_MS }).catch(() => null);
      if (clock) Object.assign(memory, { skewMs: clock.skewMs, skewAtMs: Date.now() });
    }
  }
  return { address, status, lastAnswerMs: memory.lastAnswerMs, skewMs: memory.skewMs };
}
