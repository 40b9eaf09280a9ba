import "server-only";
import { sql, type Selectable, type Updateable } from "kysely";
import { z } from "zod";
import { appendLine } from "../audit/journal";
import type { AuditLine, SendingAction } from "../audit/schema";
import { doneSchema, environment } from "../clusters/schema";
import { decide } from "../db/cluster-lock";
import { openStore } from "../db/store";
import { storeNow } from "../db/store-clock";
import type { Database, Tables } from "../db/tables";
import { holderName, holdUntil } from "./holder";
import { method, partResultSchema, planAction, type PlanAction } from "./schema";

/** What is sent, in so far as it helps to find its run again and to tell people about it. */
const intentRequestSchema = z.object({
  cluster: z.object({ id: z.string(), name: z.string(), environment }),
  action: planAction.default("stop"),
  /** Of a stop. */
  method: method.nullable(),
  targets: z.array(z.string()),
  /** What a stop or a start was sent with; "" for an operation. */
  scope: z.enum(["GLOBAL", "ZONE", "SERVER", ""]).default(""),
  /** All servers of that scope: what the engine works on. Empty for an operation. */
  inScope: z.array(z.string()).default([]),
  path: z.string(),
  body: z.string(),
  /** The run that an operation works on; "" otherwise. */
  runId: z.string().default(""),
  /** The end at which that run stood: as long as it has this one, nobody has taken it up again. */
  stoodAt: z.string().nullable().default(null),
  /** When it was about to be sent, by the store's clock. */
  sentAtMs: z.number(),
  /** What the coordinator's clock showed then; null where it did not tell. */
  coordinatorMs: z.number().nullable(),
});
export type IntentRequest = z.infer<typeof intentRequestSchema>;

/** What the audit has been told about the run. */
const progressSchema = z.object({
  stage: z.number().default(0),
  failures: z.array(z.string()).default([]),
  silentSince: z.string().nullable().default(null),
  done: doneSchema.default([]),
  /** The agent refused it; nothing was looked for. */
  refused: z.boolean().default(false),
  /** The agent that it was sent through has lost its records since: that no run of it was found says little. */
  recordsLost: z.boolean().optional(),
  /** Of an operation: what became of each of its requests. */
  parts: z.array(partResultSchema).default([]),
});
export type Progress = z.infer<typeof progressSchema>;

export interface Intent {
  planId: string;
  kind: "run" | "operation";
  clusterId: string;
  attemptId: string;
  person: string;
  coordinator: string;
  request: IntentRequest;
  openedAt: string;
  /** The cluster's turn in which it began. */
  openedTurn: number;
  state: Tables["intent"]["state"];
  runId: string | null;
  /** When that run began, as its agent told. */
  runBeganAt: string | null;
  silent: string[];
  endedAt: string | null;
  recordedAt: string | null;
  progress: Progress;
  holder: string;
  heldUntil: number;
}

export const fromRow = (row: Selectable<Tables["intent"]>): Intent => ({
  planId: row.plan_id,
  kind: row.kind,
  clusterId: row.cluster_id,
  attemptId: row.attempt_id,
  person: row.person,
  coordinator: row.coordinator,
  request: intentRequestSchema.parse(JSON.parse(row.request)),
  openedAt: row.opened_at,
  openedTurn: row.opened_turn,
  state: row.state,
  runId: row.run_id,
  runBeganAt: row.run_began_at,
  silent: z.array(z.string()).parse(JSON.parse(row.silent)),
  endedAt: row.ended_at,
  recordedAt: row.recorded_at,
  progress: progressSchema.parse(JSON.parse(row.progress)),
  holder: row.holder,
  heldUntil: row.held_until,
});

/** The intent of the cancel that comes before an escalation's stop. */
export const cancelOf = (planId: string): string => `${planId}.cancel`;

export async function readIntent(planId: string): Promise<Intent | null> {
  const { db } = await openStore();
  const row = await db.selectFrom("intent").selectAll().where("plan_id", "=", planId).executeTakeFirst();
  return row ? fromRow(row) : null;
}

/** What is not over on a cluster: at most one of each kind. */
export async function openIntentsOf(clusterId: string): Promise<Intent[]> {
  const { db } = await openStore();
  const open = db.selectFrom("intent").selectAll().where("cluster_id", "=", clusterId).where("ended_at", "is", null);
  return (await open.execute()).map(fromRow);
}

/**
 * What the run of an intent was sent with: a retry goes on with what somebody sent before. An agent that lost its store
 * gives the ids of its runs anew, so it is the newest before it that made a run of this id.
 */
export async function sentWith({ planId, clusterId, runId, request }: Intent): Promise<IntentRequest> {
  if (!goesOn(request)) return request;
  const { db } = await openStore();
  const rows = await db
    .selectFrom("intent")
    .selectAll()
    .where("cluster_id", "=", clusterId)
    .where("kind", "=", "run")
    .where("run_id", "=", runId)
    .orderBy("opened_turn", "desc")
    .orderBy("opened_at", "desc")
    .execute();
  const own = rows.findIndex((row) => row.plan_id === planId);
  const before = rows.slice(own + 1).map((row) => fromRow(row).request);
  return before.find((sent) => !goesOn(sent)) ?? request;
}

/** It takes up a run that is there already. */
const goesOn = ({ action }: IntentRequest): boolean => action === "retry" || action === "skip";

/** Everything that somebody has to look after. */
export async function intentsToWatch(): Promise<Intent[]> {
  const { db } = await openStore();
  const rows = await db.selectFrom("intent").selectAll().where("recorded_at", "is", null).execute();
  return rows.map(fromRow);
}

/** Makes this process look after an intent whose holder is gone; false when another was quicker. */
export async function takeIntent({ planId, holder, heldUntil }: Intent): Promise<boolean> {
  const store = await openStore();
  const taken = await store.db
    .updateTable("intent")
    .set({ holder: holderName(), held_until: holdUntil(store) })
    .where("plan_id", "=", planId)
    .where("holder", "=", holder)
    .where("held_until", "=", heldUntil)
    .where("recorded_at", "is", null)
    .executeTakeFirst();
  return taken.numUpdatedRows > 0n;
}

/** Says that its holder still looks after it, and reads it anew; null when there is nothing left for it to look after. */
export async function holdIntent({ planId, holder }: Pick<Intent, "planId" | "holder">): Promise<Intent | null> {
  const store = await openStore();
  const row = await store.db
    .updateTable("intent")
    .set({ held_until: holdUntil(store) })
    .where("plan_id", "=", planId)
    .where("holder", "=", holder)
    .where("recorded_at", "is", null)
    .returningAll()
    .executeTakeFirst();
  return row ? fromRow(row) : null;
}

/** Which agents have not answered whether they hold its run; an open intent becomes an unknown one. */
export async function noteSilent(planId: string, silent: readonly string[]): Promise<void> {
  const { db } = await openStore();
  await db
    .updateTable("intent")
    .set({ state: "unknown", silent: JSON.stringify(silent) })
    .where("plan_id", "=", planId)
    .where("state", "in", ["open", "unknown"])
    .where("ended_at", "is", null)
    .execute();
}

type Told = Pick<AuditLine, "by" | "event"> & Partial<Pick<AuditLine, "detail" | "outcome">>;

/** What the audit calls it. */
export const AUDIT_ACTION = {
  stop: "cluster.stop",
  start: "cluster.start",
  cancel: "run.cancel",
  retry: "run.retry",
  skip: "run.skip",
  release: "run.release",
} as const satisfies Record<PlanAction, SendingAction>;

export function toldLine({ attemptId, request: { cluster, action } }: Intent, told: Told): Omit<AuditLine, "at"> {
  return { id: attemptId, action: AUDIT_ACTION[action], cluster, detail: {}, ...told };
}

/** What a conclusion changes. `ends`: the cluster is free from now on; `records`: nobody has to look after it any more. */
export interface Move extends Omit<Updateable<Tables["intent"]>, "ended_at" | "ended_turn" | "recorded_at"> {
  ends?: boolean;
  records?: boolean;
}

/**
 * Moves an intent on and tells the audit, both or neither. Only what is in one of the states `from` is moved, so that of
 * two that come to a conclusion one is heard. False when it was not.
 */
export function moveIntent(
  intent: Intent,
  from: readonly Intent["state"][],
  { ends = false, records = false, ...change }: Move,
  told: readonly Told[],
  tell?: (transaction: Database) => Promise<void>,
): Promise<boolean> {
  return decide(intent.clusterId, async (transaction, turn) => {
    const now = await storeNow(transaction);
    const moved = await transaction
      .updateTable("intent")
      .set(({ fn, case: when }) => ({
        ...change,
        // It ends once: what comes after its end does not move that.
        ...(ends
          ? {
              ended_at: fn.coalesce("ended_at", sql<string>`${now}`),
              ended_turn: when().when("ended_at", "is", null).then(turn).else(sql.ref<number>("ended_turn")).end(),
            }
          : {}),
        ...(records ? { recorded_at: now } : {}),
      }))
      .where("plan_id", "=", intent.planId)
      .where("state", "in", from)
      .where("recorded_at", "is", null)
      .executeTakeFirst();
    if (moved.numUpdatedRows === 0n) return false;
    for (const line of told) await appendLine(toldLine(intent, line), transaction);
    await tell?.(transaction);
    return true;
  });
}
