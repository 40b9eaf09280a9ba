import { afterEach, expect, test, vi } from "vitest";
import { readRun } from "../tasks/read-run";
import { startStage, type Stage } from "./testing/stage";
import { watchIntents } from "./watch-intents";

vi.setConfig({ testTimeout: 60_000 });

let stage: Stage;
afterEach(() => stage.end());

test("a zone with a Chinese name and a space in it is stopped with a verdict, as a zone, and followed to its end", async () => {
  stage = await startStage("sqlite", { timeScale: 60, zoneNames: ["华东 一区", "华东 二区", "zone 3"] });
  watchIntents();
  const plan = await stage.plan(stage.inZone("华东 二区"), "terminate");
  expect(plan.impact).toMatchObject({
    scope: { type: "ZONE", target: ["华东 二区"] },
    majority: { verdict: "no-spare", judged: 4, why: null },
  });
  expect(plan.tierReasons).not.toContain("majority-unknown");
  const sent = await stage.confirm(plan);
  if (sent.state !== "accepted") throw new Error(`not accepted: ${JSON.stringify(sent)}`);
  expect(stage.writes().map(({ path }) => decodeURIComponent(path))).toEqual(["/api/v1/ob/zone/华东 二区/stop"]);
  await vi.waitFor(
    async () =>
      expect((await readRun("c1", sent.runId)).run).toMatchObject({ settled: true, outcome: { state: "reached" } }),
    { timeout: 30_000, interval: 200 },
  );
});
