import "server-only";
import { appendLine } from "../audit/journal";
import { requireOpen } from "../audit/close-once";
import { isZoneStop } from "../clusters/stopped-by-us";
import { isChangedSince, requireRegistered } from "../clusters/registered";
import { decide } from "../db/cluster-lock";
import { openStore } from "../db/store";
import { storeNow } from "../db/store-clock";
import type { Database } from "../db/tables";
import { AppError } from "../errors";
import { askRun } from "../tasks/ask-run";
import { holderName, holdUntil } from "./holder";
import {
  fromRow,
  moveIntent,
  openIntentsOf,
  toldLine,
  type Intent,
  type IntentRequest,
  type Progress,
} from "./intents";
import type { Part } from "./schema";

export interface IntentOpening {
  planId: string;
  kind: Intent["kind"];
  clusterId: string;
  attemptId: string;
  person: string;
  coordinator: string;
  request: IntentRequest;
  /** Requests of an operation. */
  parts: readonly Part[];
  /** A run that was ended for this one: its end makes no look old. */
  cancels: string | null;
  /** The cluster's last turn before it was looked at for the last time: what came later makes that look old. */
  lookedAt: number;
}

/** Judges once more, under the cluster's lock, what may have changed since the confirmation. Throws what speaks against it. */
export type LastWord = (transaction: Database) => Promise<void>;

/**
 * Commits that this plan is about to be sent, with its audit line, before the first byte goes to an agent: once per plan,
 * and one run per cluster that is not over. Throws `plan-used`, `stop-in-progress`, `cluster-unknown`, and what `lastWord`
 * throws. null when another run stood in the way that was over and is out of the way now: the cluster has to be looked at
 * again.
 */
export async function openIntent(opening: IntentOpening, lastWord?: LastWord): Promise<Intent | null> {
  const { clusterId } = opening;
  const intent = await decide(clusterId, async (transaction, turn) => {
    await requireRegistered(clusterId, transaction);
    await requireOpen(opening.attemptId, transaction);
    await lastWord?.(transaction);
    return (await isFree(opening, transaction)) ? insertIntent(opening, turn, transaction) : null;
  });
  if (!intent) await freeCluster(clusterId);
  return intent;
}

/** False when another run is not over, as far as is known here, or has ended since the look. Throws what stands in the way. */
async function isFree({ planId, kind, clusterId, cancels, lookedAt }: IntentOpening, transaction: Database) {
  const used = transaction.selectFrom("intent").select("plan_id").where("plan_id", "=", planId);
  if (await used.executeTakeFirst()) throw new AppError("plan-used");
  // A look of which nobody knows when it was is older than everything.
  const seenUpTo = Number.isInteger(lookedAt) ? lookedAt : 0;
  if (await isChangedSince(clusterId, seenUpTo, transaction)) throw new AppError("plan-changed");
  const isCancelled = (other: { run_id: string | null }) => cancels !== null && other.run_id === cancels;
  const isGoing = (other: { kind: string; ended_at: string | null }) => other.kind === "run" && other.ended_at === null;
  const others = await transaction
    .selectFrom("intent")
    .select(["kind", "run_id", "opened_turn", "ended_at"])
    .where("cluster_id", "=", clusterId)
    .where(({ or, eb }) => or([eb("ended_turn", ">", seenUpTo), eb("ended_at", "is", null)]))
    .execute();
  if (kind === "operation") {
    // It comes while its run goes on, or after it; a second operation, or a run that began since the look, is another matter.
    const isInTheWay = others.some((other) =>
      other.kind === "operation" ? other.ended_at === null : other.opened_turn > seenUpTo,
    );
    if (isInTheWay) throw new AppError("stop-in-progress");
    return true;
  }
  // No run begins while one is worked on.
  const isWorkedOn = others.some(
    (other) => other.kind === "operation" && other.ended_at === null && !isCancelled(other),
  );
  if (isWorkedOn && !others.some(isGoing)) throw new AppError("stop-in-progress");
  // What ended since the last look makes that look old.
  return !others.some((other) => isGoing(other) || (other.ended_at !== null && !isCancelled(other)));
}

async function insertIntent(opening: IntentOpening, turn: number, transaction: Database): Promise<Intent> {
  const { planId, kind, clusterId, attemptId, person, coordinator, request } = opening;
  const progress: Progress = {
    ...{ stage: 0, failures: [], silentSince: null, done: [], refused: false },
    parts: opening.parts.map((part) => ({ ...part, result: "waiting", agentCode: null })),
  };
  const row = await transaction
    .insertInto("intent")
    .values({
      ...{ plan_id: planId, kind, cluster_id: clusterId, attempt_id: attemptId, person, coordinator },
      request: JSON.stringify(request),
      ...{ opened_at: await storeNow(transaction), opened_turn: turn, state: "open", silent: "[]" },
      ...{ zone_stop: isZoneStop(request) ? 1 : 0, progress: JSON.stringify(progress) },
      ...{ holder: holderName(), held_until: holdUntil(await openStore()) },
    })
    .returningAll()
    .executeTakeFirstOrThrow();
  const intent = fromRow(row);
  await appendLine(toldLine(intent, { by: person, event: "confirmed", detail: { planId, coordinator } }), transaction);
  return intent;
}

/** Another run stands in the way: it is over when the engine says so, whoever was to notice. Throws `stop-in-progress`. */
export async function freeCluster(clusterId: string): Promise<void> {
  const other = (await openIntentsOf(clusterId)).find((intent) => intent.kind === "run");
  if (!other) return;
  const run = other.runId === null ? null : await askRun(clusterId, other.runId).catch(() => null);
  if (!run?.ended) throw new AppError("stop-in-progress", other.runId === null ? {} : { params: { run: other.runId } });
  await moveIntent(other, ["accepted"], { ends: true }, []);
}
