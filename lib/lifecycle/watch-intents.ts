import "server-only";
import { log } from "../log";
import { singleton } from "../singleton";
import { followRun } from "./follow-run";
import { holderName, isGone } from "./holder";
import { holdIntent, intentsToWatch, takeIntent, type Intent } from "./intents";
import { abandonOperation, recoverOperation, runOperation, takeBegun } from "./operate";
import { closeAsRemoved, isRemoved } from "./removed-cluster";
import { resolveSend } from "./resolve-send";
import { roundMs } from "./rhythm";
import { sweepAttempts } from "./sweep-attempts";

/** What was never sent is on record as that within a minute. */
const SWEEP_MS = 10_000;

/** Plans of this process: how many are at sending one just now, and which are looked after. */
const busy = () =>
  singleton("lifecycle.busy", () => ({ sending: new Map<string, number>(), tended: new Set<string>() }));

/** Whether this process is at sending a plan just now. */
export const isSending = (planId: string): boolean => busy().sending.has(planId);

/** Keeps the watch away from an intent while its request is on its way; afterwards this process looks after it. */
export async function whileSending<T>(planId: string, send: () => Promise<T>): Promise<T> {
  const { sending } = busy();
  const count = (change: number) => sending.set(planId, (sending.get(planId) ?? 0) + change);
  count(1);
  try {
    return await send();
  } finally {
    count(-1);
    if (sending.get(planId) === 0) sending.delete(planId);
    lookAfter(planId);
  }
}

/**
 * From the start of the process on: looks for stops that are not over and that nobody looks after, because their process
 * was killed or lost the store, and brings each to its end. The same way serves an answer that was lost while running.
 */
export function watchIntents(): void {
  void singleton("lifecycle.watch", () => {
    const self = holderName();
    const watch = async () => {
      if (holderName() !== self) return;
      try {
        for (const intent of await intentsToWatch()) {
          const isOwn = intent.holder === self;
          if (isOwn || ((await isGone(intent)) && (await takeIntent(intent)))) lookAfter(intent.planId);
        }
      } catch (error) {
        log.warn({ err: error }, "stops that are not over cannot be looked for");
      }
      setTimeout(() => void watch(), roundMs()).unref();
    };
    const sweep = async () => {
      if (holderName() !== self) return;
      await sweepAttempts().catch((error: unknown) =>
        log.warn({ err: error }, "attempts that were never sent cannot be looked for"),
      );
      setTimeout(() => void sweep(), SWEEP_MS).unref();
    };
    void sweep();
    return watch();
  });
}

function lookAfter(planId: string): void {
  const { sending, tended } = busy();
  if (sending.has(planId) || tended.has(planId)) return;
  const self = { planId, holder: holderName() };
  tended.add(planId);
  tend(self)
    .catch((error: unknown) => {
      // The watch comes by again.
      if (holderName() === self.holder) log.error({ planId, err: error }, "a stop that is not over is left for now");
    })
    .finally(() => tended.delete(planId));
}

async function tend(self: Pick<Intent, "planId" | "holder">): Promise<void> {
  for (let intent = await holdIntent(self); intent; intent = await holdIntent(self)) {
    if (await isRemoved(intent.clusterId))
      await (intent.kind === "operation" ? abandonOperation : closeAsRemoved)(intent);
    else if (intent.kind === "operation")
      await (takeBegun(intent.planId) ? runOperation(intent) : recoverOperation(intent));
    else if (intent.state === "accepted") await followRun(intent);
    else await resolveSend(intent);
  }
}
