import { expect, test } from "vitest";
import { agentOf } from "../clusters/registry";
import { at, isSettled, start, startServers, stop, withSimulator, watch } from "./testing/simulated";

withSimulator();

test("a stopped server that somebody starts again has left where its run took it, and the run's end stays what it was", async () => {
  await start({ scenario: "medium" });
  const server = at(4);
  const runId = await stop([server], "force");
  const then = await watch(runId, isSettled);
  expect(then).toMatchObject({ outcome: { state: "reached" }, now: { away: [], there: [], again: [] } });
  await agentOf("c1", at(0)).start({ scope: { type: "SERVER", target: [server] }, forcePassDag: [] });
  const revived = (run: typeof then) => run.now?.groups[0]?.state === "SERVING";
  const later = await watch(runId, revived, 40_000);
  expect(later.outcome).toEqual(then.outcome);
  expect(later.now).toMatchObject({ away: [server], again: [{ server }] });
});

test("a started server that falls again has left where its run took it", async () => {
  await start({ scenario: "medium" });
  const server = at(4);
  await watch(await stop([server], "force"), isSettled);
  const runId = await startServers([server]);
  await watch(runId, isSettled);
  await watch(await stop([server], "force"), isSettled);
  const later = await watch(runId, (run) => run.now?.groups[0]?.state === "PROCESS_STOPPED", 20_000);
  expect(later).toMatchObject({ outcome: { state: "reached", wanted: "SERVING" }, now: { away: [server] } });
});
