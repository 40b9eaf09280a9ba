import "server-only";
import { ageOf } from "../clock";
import { z } from "zod";
import { attemptOfRun, followUpsOf } from "../audit/journal";
import type { Attempt, SendingAction } from "../audit/schema";
import { isAppError } from "../errors";
import { log } from "../log";
import { NOT_SENT_HERE, type SentFacts } from "./assemble-run";
import type { FollowUp, Run } from "./schema";

const ASK_AGAIN_MS = 2_000;
/** How often the audit is asked what was sent because of a run that somebody watches. */
const FOLLOW_UPS_MS = 5_000;

/** A run can be watched also while the audit cannot be read: then this is what is not known. */
async function fromAudit<T>(read: Promise<T>, otherwise: T): Promise<T> {
  try {
    return await read;
  } catch (error) {
    if (!isAppError(error)) throw error;
    log.warn({ err: error }, "the audit cannot be read: who sent a run is not known");
    return otherwise;
  }
}

/**
 * The attempt of a run, and its facts as they are known at the moment. The entry of a run that was just accepted may be
 * closed a moment after its page is opened, so while there is none the facts are asked for again.
 */
export async function watchSent(
  clusterId: string,
  runId: string,
): Promise<{ attempt: Attempt | null; facts: () => SentFacts }> {
  let attempt: Attempt | null = null;
  let followUps: FollowUp[] = [];
  let facts = NOT_SENT_HERE;
  let askedMs = Date.now();
  const ask = async () => {
    askedMs = Date.now();
    const [found, followed] = await Promise.all([
      attempt ?? fromAudit(attemptOfRun(clusterId, runId), null),
      fromAudit(followUpsOf(clusterId, runId), null),
    ]);
    attempt = found;
    followUps = followed?.flatMap((one) => toFollowUp(one, runId)) ?? followUps;
    facts = { ...sentFacts(attempt), followUps };
  };
  await ask();
  return {
    attempt,
    facts: () => {
      if (ageOf(askedMs) >= (attempt ? FOLLOW_UPS_MS : ASK_AGAIN_MS))
        ask().catch((error: unknown) => log.error({ clusterId, runId, err: error }, "who sent a run is not known"));
      return facts;
    },
  };
}

export function sentFacts(attempt: Attempt | null): SentFacts {
  if (!attempt) return NOT_SENT_HERE;
  const { id, opened } = attempt;
  const { method = null, targets = null, reason = null, approvedBy = null, breakGlass = false } = opened.detail;
  return {
    acceptedAt: acceptedAt(attempt),
    method,
    targets,
    reason,
    approvedBy,
    breakGlass,
    by: opened.by,
    // A further attempt on one plan carries the plan's id with an ending.
    planId: id.split(".", 1)[0] ?? id,
    scope: scopeOf(opened.detail.request),
    continues: opened.detail.continues ?? null,
    followUps: [],
  };
}

const bodySchema = z.object({ scope: z.object({ type: z.enum(["GLOBAL", "ZONE", "SERVER"]) }) });

/** As the request said it; the zone endpoint says it by its path alone. */
function scopeOf(request: { path: string; body: string } | undefined): Run["scope"] {
  if (!request) return null;
  if (request.path.includes("/ob/zone/")) return "ZONE";
  try {
    return bodySchema.safeParse(JSON.parse(request.body)).data?.scope.type ?? null;
  } catch {
    return null; // an entry of an earlier version may hold something else
  }
}

const ACTIONS: Readonly<Record<SendingAction, FollowUp["action"]>> = {
  "cluster.stop": "stop",
  "cluster.start": "start",
  "run.cancel": "cancel",
  "run.retry": "retry",
  "run.skip": "skip",
  "run.release": "release",
};

function toFollowUp({ opened, outcome }: Attempt, runId: string): FollowUp[] {
  const action = (ACTIONS as Readonly<Partial<Record<string, FollowUp["action"]>>>)[opened.action];
  if (!action || !outcome?.runId) return [];
  return [{ action, runId: outcome.runId === runId ? null : outcome.runId, by: opened.by, at: opened.at }];
}

/** What the engine calls the run that this attempt made. */
export const engineName = (attempt: Attempt | null): "Stop OB" | "Start OB" =>
  attempt?.opened.action === "cluster.start" ? "Start OB" : "Stop OB";

/**
 * When the agent took the run; null when that was not written down. Of a run whose answer was lost the finding comes later
 * than that, by minutes where agents were silent, and the sending just before.
 */
function acceptedAt({ opened, events }: Attempt): string | null {
  const told = events.find(({ event, outcome }) => (event === "accepted" || event === "resolved") && outcome?.runId);
  if (told?.event !== "resolved") return told?.at ?? null;
  return events.find(({ event }) => event === "confirmed")?.at ?? opened.at;
}
