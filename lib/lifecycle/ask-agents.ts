import "server-only";
import { compareKey } from "../clusters/known-keys";
import { agentOf } from "../clusters/registry";
import type { Server } from "../clusters/schema";
import { isAppError } from "../errors";
import type { CheckFacts } from "./checks";
import type { Impact, Method } from "./schema";

const CHECK_TIMEOUT_MS = 10_000;
const KEY_TIMEOUT_MS = 3_000;
/** The cluster refused the very stop that is planned; a fault of the call itself says nothing about the majority. */
const REFUSALS: ReadonlySet<string> = new Set([
  "majority-lost",
  "other-zone-stopped",
  "target-unknown",
  "force-required",
]);

/** What the topology cannot tell about a plan: the cluster's own verdict where it has one, and the coordinator's key. */
export async function askAgents(
  clusterId: string,
  { method, impact, coordinator }: { method: Method | null; impact: Impact; coordinator: Server | null },
): Promise<CheckFacts> {
  if (!coordinator) return { clusterVerdict: null, agentKey: null };
  const agent = agentOf(clusterId, coordinator.address);
  const { scope } = impact;
  const isChecked = method === "stop" || method === "terminate";
  const zone = isChecked && scope?.type === "ZONE" && scope.target.length === 1 ? scope.target[0] : undefined;
  const [clusterVerdict, agentKey] = await Promise.all([
    zone === undefined || impact.blocks.length > 0
      ? null
      : agent.zoneStopCheck(zone, { timeoutMs: CHECK_TIMEOUT_MS }).then(
          () => ({ ok: true as const }),
          (error: unknown) =>
            isAppError(error) && REFUSALS.has(error.kind)
              ? { ok: false as const, kind: error.kind, code: error.facts.agentCode ?? error.kind }
              : null,
        ),
    agent.publicKey({ timeoutMs: KEY_TIMEOUT_MS }).then(
      (key) => compareKey(clusterId, coordinator.address, key),
      () => null,
    ),
  ]);
  return { clusterVerdict, agentKey };
}
