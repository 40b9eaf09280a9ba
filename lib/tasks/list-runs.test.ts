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
