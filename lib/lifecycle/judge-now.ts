import "server-only";
import { AppError } from "../errors";
import { requireUnchanged } from "./confirmed";
import { inScope } from "./in-scope";
import type { IntentOpening } from "./open-intent";
import { lookAgain, type PlanRecord } from "./plans";
import type { PlanCall } from "./plan-call";

/** Only a look that begins after the confirmation counts: a change of the last second must not slip through. */
const NOW_MS = 0;

export interface Judged {
  opening: Pick<IntentOpening, "kind" | "coordinator" | "request" | "parts" | "cancels" | "lookedAtMs">;
  call: PlanCall;
  startedMs: number;
}

/** The plan on facts of this moment, ready to be sent. Throws what speaks against it. */
export async function judgeNow(record: PlanRecord): Promise<Judged> {
  const lookedAtMs = Date.now();
  // Young facts from before the confirmation are not enough: what cannot be looked at now is not stopped now.
  if (!(await lookAgain(record, NOW_MS))) throw new AppError("plan-blocked");
  requireUnchanged(record);
  const { call, coordinator, run, impact, topology, targets } = record.draft;
  if (!call) throw new AppError("plan-blocked");
  const { request: asked } = record;
  const isOperation = call.call === "operate";
  const address = isOperation ? (run?.coordinator ?? "") : (coordinator?.address ?? "");
  if (address === "") throw new AppError("plan-blocked");
  const request = {
    cluster: topology.cluster,
    action: asked.action,
    method: asked.action === "stop" ? asked.method : null,
    targets: targets.map((server) => server.address),
    scope: impact.scope?.type ?? ("" as const),
    inScope: isOperation ? [] : inScope(topology, impact.scope),
    path: isOperation ? "" : call.path,
    body: isOperation ? "" : JSON.stringify(call.body),
    runId: isOperation ? (run?.id ?? "") : "",
    sentAtMs: Date.now(),
    coordinatorMs: Date.now() + (coordinatorSkewMs(record) ?? 0),
  };
  const parts = isOperation ? call.parts : [];
  const kind = asked.action === "cancel" || asked.action === "release" ? "operation" : "run";
  const cancels = asked.action === "stop" ? asked.cancels : null;
  return {
    opening: { kind, coordinator: address, request, parts, cancels, lookedAtMs },
    call,
    startedMs: performance.now(),
  };
}

const coordinatorSkewMs = ({ latest, draft }: PlanRecord): number | null | undefined =>
  (latest.coordinator ?? draft.coordinator)?.agent.skewMs;
