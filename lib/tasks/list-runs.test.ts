import { setTimeout as sleep } from "node:timers/promises";
import { expect, test, vi } from "vitest";
import { agentOf } from "../clusters/registry";
import { listRuns } from "./list-runs";
import { at, simulator, start, startServers, stop, withSimulator, watch } from "./testing/simulated";

withSimulator();

test("the list has what goes on first, whoever sent it, also on agents that cannot list their runs", async () => {
  await start({ scenario: "medium", version: "4.2.3.0" });
  const first = await stop([at(4)], "force");
  await watch(first, (run) => run.state === "SUCCEEDED");
  simulator.setFault(at(5), { kind: "kill-slow" });
  const scope = { type: "SERVER" as const, target: [at(5)] };
  const foreign = await agentOf("c1", at(1)).stop({ scope, mode: "force", forcePassDag: [] });
  const lines = await vi.waitFor(
    async () => {
      const listed = await listRuns("c1");
      expect(listed).toHaveLength(2);
      return listed;
    },
    { timeout: 12_000, interval: 500 },
  );
  expect(lines).toMatchObject([
    { id: foreign.id, kind: "stop", state: "RUNNING", by: null, targets: null },
    { id: first, state: "SUCCEEDED", method: "force", targets: 1, holdsMaintenance: false },
  ]);
});

test("a start is listed as a start also while nobody tells about it", async () => {
  await start({ scenario: "medium" });
  const id = await startServers([at(4)]);
  simulator.setFault(at(0), { kind: "agent-down" });
  expect(await listRuns("c1")).toMatchObject([{ id, name: "Start OB", kind: "start", state: "UNKNOWN", by: "li.wei" }]);
});

test("a cancelled run is listed by when it was sent, and took as long as it did, also where the hosts' clocks are off", async () => {
  await start({ scenario: "medium" });
  simulator.setFault("*", { kind: "clock-skew", seconds: -300 });
  Reflect.deleteProperty(globalThis, "__standdown"); // clocks are measured once a minute
  simulator.setFault("*", { kind: "stage-held", stage: "advance" });
  const sentAtMs = Date.now();
  const id = await stop([at(4)], "force");
  await watch(id, (run) => run.stage === 3);
  await sleep(2_000);
  const cancelledAtMs = Date.now();
  await agentOf("c1", at(0)).operateDag(id, "CANCEL");
  const [line] = await vi.waitFor(
    async () => {
      const listed = await listRuns("c1");
      expect(listed).toMatchObject([{ id, state: "CANCELLED" }]);
      return listed;
    },
    { timeout: 15_000, interval: 500 },
  );
  const ms = (at: string | null | undefined) => Date.parse(at ?? "") - sentAtMs;
  expect(ms(line?.startedAt)).toBeLessThan(cancelledAtMs - sentAtMs - 1_000);
  expect(ms(line?.endedAt)).toBeGreaterThan(cancelledAtMs - sentAtMs - 1_000);
  expect(ms(line?.endedAt)).toBeLessThan(Date.now() - sentAtMs + 1_000);
});
