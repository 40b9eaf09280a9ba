import "server-only";
import { appendLine } from "../audit/journal";
import { AppError, isAppError } from "../errors";
import { ownerOf } from "../tasks/agents";
import { cancelOf } from "./intents";
import { openIntent, type IntentOpening, type LastWord } from "./open-intent";
import { runOperation } from "./operate";
import type { PartResult } from "./schema";
import { whileSending } from "./watch-intents";

/**
 * Cancels the run that a stop takes over from, with an intent and an audit entry of its own, and waits for its end (ux
 * §11, escalate). Its locks stay: the stop releases them itself. Throws `cancel-not-done`; then the stop is not sent.
 */
export async function cancelFirst(stop: IntentOpening, runId: string, lastWord: LastWord): Promise<void> {
  const planId = cancelOf(stop.planId);
  const attemptId = `${stop.attemptId}.cancel`;
  // The agent in the id is asked only when it is one of this cluster.
  const agent = (await ownerOf(stop.clusterId, runId)) ?? "";
  const { cluster, targets } = stop.request;
  const entry = { id: attemptId, action: "run.cancel" as const, by: stop.person, cluster };
  await appendLine({ ...entry, event: "opened", detail: { planId: stop.planId, continues: runId, targets } });
  await whileSending(planId, async () => {
    const opening = {
      ...{ ...stop, planId, attemptId, kind: "operation" as const, coordinator: agent, cancels: null },
      parts: [{ agent, taskId: runId, does: "cancel" as const }],
      request: {
        ...stop.request,
        action: "cancel" as const,
        method: null,
        scope: "" as const,
        path: "",
        body: "",
        runId,
      },
    };
    const intent = await openIntent(opening, lastWord)
      .then((opened) => opened ?? Promise.reject(new AppError("stop-in-progress")))
      .catch(async (error: unknown) => {
        const kind = isAppError(error) ? error.kind : "internal";
        await appendLine({ ...entry, event: "refused", detail: {}, outcome: { kind } });
        throw error;
      });
    // From here on the cancel may be out, so nothing that fails may say that nothing was sent.
    const parts = await runOperation(intent).catch((cause: unknown): PartResult[] => {
      throw new AppError("cancel-not-done", {}, { cause });
    });
    const isDone = parts.every(({ result }) => result === "done" || result === "already");
    if (!isDone) throw new AppError("cancel-not-done");
  });
}
