import { vi } from "vitest";
import { appendLine } from "../../audit/journal";
import type { Engine } from "../../db/engine";
import { freshStore, restartProcess } from "../../db/testing/fresh-store";
import { startSimulator, type Simulator, type SimulatorOptions } from "../../simulator/cluster";
import { describeAttempt } from "../describe";
import { confirmPlan } from "../execute";
import { makePlan } from "../plans";
import type { Confirmation, Method, Plan, StopRequest } from "../schema";

export interface Stage {
  simulator: Simulator;
  person: { name: string; provenAt: string };
  inZone: (zone: string) => string[];
  /** Stops and starts that agents took. */
  writes: () => Simulator["requests"];
  plan: (servers: string[], method?: Method, change?: Partial<StopRequest>) => Promise<Plan>;
  confirm: (
    plan: { id: string; fingerprint: string },
    change?: Partial<Confirmation>,
    person?: { name: string; provenAt: string },
  ) => ReturnType<typeof confirmPlan>;
  /** As after a kill: nothing of the process is left but what is in the store. */
  restart: () => Promise<void>;
  end: () => Promise<void>;
}

const SETTLE_MS = 600;

/** A console with a store of its own, and a simulated cluster `c1` named core. */
export async function startStage(
  engine: Engine,
  options: Partial<SimulatorOptions> = {},
  cluster: { environment?: string; twoPerson?: boolean } = {},
): Promise<Stage> {
  const simulator = await startSimulator({
    scenario: "medium",
    basePort: 0,
    timeScale: 20,
    password: "Str0ng#密码",
    ...options,
  });
  const agents = simulator.agents.slice(0, 2).map((agent) => agent.address);
  const entry = { id: "c1", name: "core", environment: "TEST", agents, passwordEnv: "STAGE_PASSWORD", ...cluster };
  const fresh = await freshStore(engine, { clusters: [entry] });
  vi.stubEnv("STAGE_PASSWORD", simulator.password);
  vi.stubEnv("STANDDOWN_SETTLE_MS", String(SETTLE_MS));
  const person = { name: "li.wei", provenAt: new Date().toISOString() };
  return {
    simulator,
    person,
    inZone: (zone) => simulator.agents.filter((agent) => agent.zone === zone).map((agent) => agent.address),
    writes: () =>
      simulator.requests.filter(
        (request) => request.method === "POST" && /\/(stop|start)$/.test(request.path) && request.outcome === 200,
      ),
    plan: (servers, method = "stop", change = {}) =>
      makePlan(
        { action: "stop", clusterId: "c1", servers, method, releases: [], continues: null, cancels: null, ...change },
        person,
      ),
    async confirm({ id, fingerprint }, change = {}, by = person) {
      const typed = { reason: "INC-4471 disk", typedName: "core", breakGlass: false };
      const confirmation = { clusterId: "c1", planId: id, fingerprint, ...typed, ...change };
      const opening = await describeAttempt(null, confirmation);
      await appendLine({ ...opening, by: by.name, event: "opened" }); // as the gate does
      return confirmPlan(confirmation, { person: by, attemptId: opening.id });
    },
    restart: restartProcess,
    async end() {
      await fresh.dispose();
      await simulator.close();
    },
  };
}
