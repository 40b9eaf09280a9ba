import "server-only";
import { openStore } from "../db/store";
import { log } from "../log";
import { moveIntent, type Intent } from "./intents";
import type { PartResult } from "./schema";

const TOLD = 500;

/**
 * Writes down how far an operation is, so that another process that takes it over sends nothing twice. False when
 * another has taken it over.
 */
export async function settleParts(intent: Intent, parts: readonly PartResult[]): Promise<boolean> {
  const { db } = await openStore();
  const settled = await db
    .updateTable("intent")
    .set({ progress: JSON.stringify({ ...intent.progress, parts }) })
    .where("plan_id", "=", intent.planId)
    .where("holder", "=", intent.holder)
    .where("ended_at", "is", null)
    .executeTakeFirst();
  return settled.numUpdatedRows > 0n;
}

/**
 * One write at a time, in order. Whoever asks while one is under way shares the next, which then holds what all of them
 * had to say: a release of a thousand agents is some writes, not two thousand.
 */
export function joinWrites(write: () => Promise<boolean>): () => Promise<boolean> {
  let current: Promise<boolean> | null = null;
  let next: Promise<boolean> | null = null;
  const begin = () => {
    current = write().finally(() => (current = null));
    return current;
  };
  return () => {
    if (next) return next;
    if (!current) return begin();
    next = current
      .catch(() => false)
      .then(() => {
        next = null;
        return begin();
      });
    return next;
  };
}

/** The last word about an operation, with what became of each agent's part (ux V-3). */
export async function endOperation(intent: Intent, parts: readonly PartResult[]): Promise<void> {
  const { runId } = intent.request;
  const change = { state: "accepted", run_id: runId, ends: true, records: true } as const;
  const progress = JSON.stringify({ ...intent.progress, parts });
  const of = (...results: PartResult["result"][]) => parts.filter((part) => results.includes(part.result));
  const counts = {
    done: of("done", "already").length,
    failed: of("refused").length,
    unreported: of("silent", "not-seen", "sending", "waiting", "not-sent").length,
  };
  const open = of("refused", "silent", "not-seen", "sending", "waiting", "not-sent");
  const text = open.map(({ agent, result, agentCode }) => `${agent}: ${agentCode ?? result}`).join(", ");
  const kind = open.length > 0 ? { kind: "partly" } : {};
  const told = { by: "console", event: "finished" as const, detail: { counts, text: text.slice(0, TOLD) } };
  const isTold = await moveIntent(intent, ["open", "unknown"], { ...change, progress }, [
    { ...told, outcome: { runId, ...kind } },
  ]);
  if (!isTold) log.warn({ planId: intent.planId }, "an operation ended that somebody else had brought to its end");
}
