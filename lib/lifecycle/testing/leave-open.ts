import { lastTurn } from "../../db/cluster-lock";
import { openStore } from "../../db/store";
import { pidPlace } from "../holder";
import { inScope } from "../in-scope";
import type { Intent } from "../intents";
import { openIntent } from "../open-intent";
import { findPlan } from "../plans";

/** Names a process of this place that is no more. */
export const goneHolder = (): string => `${pidPlace()}:999999999:gone`;

/** An intent (null where a look is needed first) as a process leaves it behind that is killed between committing and sending. */
export async function leaveOpen(
  plan: { id: string },
  holder = goneHolder(),
  change: { attemptId?: string; lookedAt?: number } = {},
): Promise<Intent | null> {
  const { draft, request } = await findPlan("c1", plan.id);
  const coordinator = draft.coordinator?.address ?? "";
  const { cluster } = draft.topology;
  const intent = await openIntent({
    ...{
      planId: plan.id,
      kind: "run",
      parts: [],
      cancels: null,
      clusterId: "c1",
      attemptId: `${plan.id}.x`,
      person: "li.wei",
      coordinator,
    },
    request: {
      cluster,
      action: request.action,
      method: request.action === "stop" ? request.method : null,
      scope: draft.impact.scope?.type ?? "",
      inScope: inScope(draft.topology, draft.impact.scope),
      runId: "runId" in request ? request.runId : "",
      stoodAt: "runId" in request ? (draft.run?.endedAt ?? null) : null,
      targets: draft.targets.map((server) => server.address),
      path: draft.call && "path" in draft.call ? draft.call.path : "",
      body: draft.call && "body" in draft.call ? JSON.stringify(draft.call.body) : "",
      sentAtMs: Date.now(),
      coordinatorMs: Date.now(),
    },
    lookedAt: await lastTurn("c1"),
    ...change,
  });
  const { db } = await openStore();
  await db.updateTable("intent").set({ holder }).where("plan_id", "=", plan.id).execute();
  return intent;
}
