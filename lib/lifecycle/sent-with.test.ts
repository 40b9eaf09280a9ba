import { afterEach, expect, test } from "vitest";
import { readOurStops } from "../clusters/stopped-by-us";
import { openStore } from "../db/store";
import { ENGINES, freshStore, type FreshStore } from "../db/testing/fresh-store";
import { readIntent, sentWith } from "./intents";

let fresh: FreshStore;
afterEach(() => fresh.dispose());

/** What was sent at a minute of the last hour, all of it as the run of one id. */
const row = (planId: string, minute: number, action: string, target: string, kind: "run" | "operation" = "run") => ({
  ...{ plan_id: planId, cluster_id: "c1", attempt_id: planId, person: planId, coordinator: "c", silent: "[]", kind },
  request: JSON.stringify({
    cluster: { id: "c1", name: "core", environment: "TEST" },
    ...{ action, method: action === "stop" ? "terminate" : null, targets: [target] },
    ...{ path: "", body: "", sentAtMs: 0, coordinatorMs: 0 },
  }),
  opened_at: new Date(Date.now() - 3_600_000 + minute * 60_000).toISOString(),
  ended_at: new Date(Date.now() - 3_600_000 + minute * 60_000 + 30_000).toISOString(),
  ...{ progress: "{}", state: "accepted" as const, run_id: "21", holder: "h", held_until: 0 },
});

test.each(ENGINES)(
  "on %s a retry goes on with the newest run of its id before it: an agent without its store gives ids anew",
  async (engine) => {
    fresh = await freshStore(engine);
    const { db } = await openStore();
    await db
      .insertInto("intent")
      .values([
        row("oldest", 0, "start", "10.0.0.1:2886"),
        row("made", 1, "stop", "10.0.0.2:2886"),
        row("cancel", 2, "cancel", "10.0.0.9:2886", "operation"),
        row("skip", 3, "skip", ""),
        row("retry", 4, "retry", ""),
        row("newer", 5, "stop", "10.0.0.5:2886"),
      ])
      .execute();
    for (const planId of ["skip", "retry"]) {
      const intent = await readIntent(planId);
      expect(intent && (await sentWith(intent)).targets).toEqual(["10.0.0.2:2886"]);
    }
    const told = (await readOurStops("c1")).get("c1")?.stops.map(({ planId, targets }) => [planId, ...targets]);
    expect(told).toEqual([
      ["newer", "10.0.0.5:2886"],
      ["retry", "10.0.0.2:2886"],
      ["skip", "10.0.0.2:2886"],
      ["made", "10.0.0.2:2886"],
    ]);
  },
);
