import { renameSync, rmSync, truncateSync } from "node:fs";
import { afterEach, describe, expect, test, vi } from "vitest";
import { closeUnended } from "../audit/close-unended";
import { seenFile } from "../db/seen-mark";
import { openStore, storeFile } from "../db/store";
import { ENGINES } from "../db/testing/fresh-store";
import { startStage, type Stage } from "./testing/stage";

vi.setConfig({ testTimeout: 60_000 });
let stage: Stage;
afterEach(() => stage.end());

describe("a stop that was reviewed", () => {
  test.each<[string, string, () => void]>([
    ["moved away", "store-gone", () => renameSync(storeFile(), `${storeFile()}.moved`)],
    ["deleted", "store-gone", () => rmSync(storeFile())],
    ["emptied", "store-cut", () => truncateSync(storeFile(), 0)],
    ["robbed of its log", "store-cut", () => rmSync(`${storeFile()}-wal`)],
  ])("is not sent once the store's file was %s, and says so", async (_, kind, harm) => {
    stage = await startStage("sqlite");
    const plan = await stage.plan(stage.inZone("zone2").slice(0, 1));
    harm();
    await expect(stage.confirm(plan)).rejects.toMatchObject({ kind });
    expect(stage.writes()).toEqual([]);
  });
});

describe.each(ENGINES)("a plan that a restore brings back, on %s", (engine) => {
  test("is not sent again", async () => {
    stage = await startStage(engine);
    const plan = await stage.plan(stage.inZone("zone2").slice(0, 1));
    const { db } = await openStore();
    const kept = await db.selectFrom("plan").selectAll().execute();
    await stage.confirm(plan);
    expect(stage.writes()).toHaveLength(1);
    // As the backup has it: the plan is there, and of its sending nothing is known.
    await db.deleteFrom("intent").execute();
    await db.deleteFrom("plan").execute();
    await db.insertInto("plan").values(kept).execute();
    await closeUnended(db, "monday.db");
    if (engine === "sqlite") rmSync(seenFile(storeFile())); // the command writes it anew
    await stage.restart();
    await expect(stage.confirm(plan)).rejects.toMatchObject({ kind: "plan-unknown" });
    expect(stage.writes()).toHaveLength(1);
  });
});
