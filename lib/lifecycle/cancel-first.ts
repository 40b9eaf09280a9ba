import "server-only";
import { appendLine } from "../audit/journal";
import { AppError } from "../errors";
import { taskOwner } from "../obshell/wire/task-id";
import { freeCluster, openIntent, type IntentOpening } from "./open-intent";
import { runOperation } from "./operate";
import { whileSending } from "./watch-intents";

/**
 * Cancels the run that a stop takes over from, with an intent of its own, and waits for its end (ux §11, escalate). Its
 * locks stay: the stop releases them itself. Throws `cancel-not-done`; then the stop is not sent.
 */
export async function cancelFirst(stop: IntentOpening, runId: string): Promise<void> {
  const planId = `${stop.planId}.cancel`;
  const agent = taskOwner(runId) ?? "";
  const attemptId = `${stop.attemptId}.cancel`;
  const { cluster, targets } = stop.request;
  await appendLine({
    ...{ id: attemptId, action: "run.cancel", by: stop.person, event: "opened", cluster },
    detail: { planId: stop.planId, continues: runId, targets },
  });
  await whileSending(planId, async () => {
    const intent = await openIntent({
      ...stop,
      ...{ planId, attemptId, kind: "operation", coordinator: agent, cancels: null },
      parts: [{ agent, taskId: runId, does: "cancel" }],
      request: { ...stop.request, action: "cancel", method: null, scope: "", path: "", body: "", runId },
    });
    if (!intent) throw new AppError("stop-in-progress");
    const [part] = await runOperation(intent);
    if (part?.result !== "done" && part?.result !== "already") throw new AppError("cancel-not-done");
  });
  await freeCluster(stop.clusterId);
}
