import "server-only";
import { stopwatch } from "../clock";
import { openStore } from "../db/store";
import { AppError } from "../errors";
import type { CallOptions } from "../obshell/client";
import { holderName, holdUntil } from "./holder";
import type { Intent } from "./intents";

/** What was decided is sent within this time or not at all: connecting and asking an agent for its key take seconds. */
const FRESH_MS = 15_000;
/** A proof that took longer than this may be old when it is read. */
const STOOD_STILL_MS = 5_000;

/**
 * How everything that changes a cluster is sent: once the connection stands, right before the first byte, the store is asked
 * whether the intent is still open and still this process's. So one that stood still (a signal, a suspended machine) finds
 * out, and what it sealed before is refused by the agent as too old. Throws `stood-still` into the request.
 */
export function heldRequest({ planId }: Pick<Intent, "planId">, timeoutMs: number): CallOptions {
  const sinceDecided = stopwatch();
  const prove = async () => {
    const asked = stopwatch();
    const isHeld = await renew(planId).catch((cause: unknown) => {
      throw new AppError("store-unavailable", {}, { cause, sent: "no" }); // it cannot tell whose it is
    });
    if (!isHeld || asked() > STOOD_STILL_MS || sinceDecided() > FRESH_MS)
      throw new AppError("stood-still", {}, { sent: "no" });
  };
  return { timeoutMs, prove };
}

async function renew(planId: string): Promise<boolean> {
  const store = await openStore();
  const held = await store.db
    .updateTable("intent")
    .set({ held_until: holdUntil(store) })
    .where("plan_id", "=", planId)
    .where("holder", "=", holderName())
    .where("state", "=", "open")
    .where("ended_at", "is", null)
    .executeTakeFirst();
  return held.numUpdatedRows > 0n;
}
