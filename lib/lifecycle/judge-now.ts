import "server-only";
import { AppError } from "../errors";
import { requireUnchanged } from "./confirmed";
import type { IntentOpening } from "./open-intent";
import { lookAgain, type PlanRecord } from "./plans";
import type { StopCall } from "./stop-request";

/** Only a look that begins after the confirmation counts: a change of the last second must not slip through. */
const NOW_MS = 0;

interface Judged {
  opening: Pick<IntentOpening, "coordinator" | "request" | "lookedAtMs">;
  call: StopCall;
  startedMs: number;
}

/** The plan on facts of this moment, ready to be sent. Throws what speaks against it. */
export async function judgeNow(record: PlanRecord): Promise<Judged> {
  const lookedAtMs = Date.now();
  // Young facts from before the confirmation are not enough: what cannot be looked at now is not stopped now.
  if (!(await lookAgain(record, NOW_MS))) throw new AppError("plan-blocked");
  requireUnchanged(record);
  const { call, coordinator } = record.draft;
  if (!call || !coordinator) throw new AppError("plan-blocked");
  const request = {
    cluster: record.draft.topology.cluster,
    method: record.request.method,
    targets: record.draft.targets.map((server) => server.address),
    path: call.path,
    body: JSON.stringify(call.body),
    sentAtMs: Date.now(),
    coordinatorMs: Date.now() + (coordinatorSkewMs(record) ?? 0),
  };
  return { opening: { coordinator: coordinator.address, request, lookedAtMs }, call, startedMs: performance.now() };
}

const coordinatorSkewMs = ({ latest, draft }: PlanRecord): number | null | undefined =>
  (latest.coordinator ?? draft.coordinator)?.agent.skewMs;
