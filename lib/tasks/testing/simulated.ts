import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, vi } from "vitest";
import { appendLine } from "../../audit/journal";
import { agentOf } from "../../clusters/registry";
import { readTopology } from "../../clusters/topology";
import type { Method } from "../../lifecycle/schema";
import { startSimulator, type Simulator, type SimulatorOptions } from "../../simulator/cluster";
import { readRun } from "../read-run";
import type { Run } from "../schema";

/** Real HTTP and cryptography to simulated agents, whose time runs faster. */
export let simulator: Simulator;

export async function start(options: SimulatorOptions) {
  simulator = await startSimulator({ timeScale: 10, ...options });
  const folder = mkdtempSync(join(tmpdir(), "standdown-tasks-"));
  writeFileSync(join(folder, "password"), simulator.password);
  const agents = simulator.agents.slice(0, 2).map((agent) => agent.address);
  const clusters = [{ id: "c1", name: "core", environment: "TEST", agents, passwordFile: "password" }];
  writeFileSync(join(folder, "config.json"), JSON.stringify({ dataDir: "data", clusters }));
  vi.stubEnv("STANDDOWN_CONFIG", join(folder, "config.json"));
  await readTopology("c1");
}

/** To be called once at the top of a test file: each test is a process of its own, as far as singletons go. */
export function withSimulator(): void {
  vi.setConfig({ testTimeout: 30_000 });
  beforeEach(() => void Reflect.deleteProperty(globalThis, "__standdown")); // a new process, as far as singletons go
  afterEach(async () => {
    vi.unstubAllEnvs();
    await simulator.close();
  });
}

export const at = (index: number): string => simulator.agents[index]?.address ?? "";
export const inZone = (zone: string) =>
  simulator.agents.filter((agent) => agent.zone === zone).map(({ address }) => address);

/** Sends a stop as the lifecycle room does: written down, sent, written down. */
export async function stop(targets: string[], mode: Method, coordinator = at(0)): Promise<string> {
  const cluster = { id: "c1", name: "core", environment: "TEST" as const };
  const id = crypto.randomUUID();
  const line = { id, action: "cluster.stop" as const, by: "li.wei", cluster };
  await appendLine({ ...line, event: "opened", detail: { method: mode, targets, reason: "INC-4471" } });
  const scope = { type: "SERVER" as const, target: targets };
  const dag = await agentOf("c1", coordinator).stop({ scope, mode, forcePassDag: [] });
  await appendLine({ ...line, event: "accepted", detail: {}, outcome: { runId: dag.id } });
  return dag.id;
}

/** Sends a start, of these servers or of their zone. */
export async function startServers(targets: string[], zone: string | null = null): Promise<string> {
  const cluster = { id: "c1", name: "core", environment: "TEST" as const };
  const line = { id: crypto.randomUUID(), action: "cluster.start" as const, by: "li.wei", cluster };
  await appendLine({ ...line, event: "opened", detail: { targets, reason: "INC-4471" } });
  const scope =
    zone === null ? { type: "SERVER" as const, target: targets } : { type: "ZONE" as const, target: [zone] };
  const dag = await agentOf("c1", at(0)).start({ scope, forcePassDag: [] });
  await appendLine({ ...line, event: "accepted", detail: {}, outcome: { runId: dag.id } });
  return dag.id;
}

export async function watch(runId: string, until: (run: Run) => boolean, timeoutMs = 25_000): Promise<Run> {
  const endMs = Date.now() + timeoutMs;
  for (;;) {
    const { run } = await readRun("c1", runId);
    if (run && until(run)) return run;
    if (Date.now() > endMs)
      throw new Error(`still ${run?.state} at stage ${run?.stage}: ${JSON.stringify(run?.outcome)}`);
    await sleep(100);
  }
}
export const isSettled = (run: Run) => run.settled;
/** What the reader of a run asks; looks at the cluster go their own way. */
export const readsOf = (runId: string) =>
  simulator.requests.filter(({ path }) => path.includes(`/task/dag/${runId}`) || path.includes("/task/node/"));
