import "server-only";
import { AppError } from "../errors";
import { isGone } from "./holder";
import { moveIntent, readIntent } from "./intents";
import type { Maker } from "./plans";
import type { Closing } from "./schema";

/**
 * Ends an entry that the console cannot bring to an end, because an agent does not come back: on a person's word and for
 * a reason. Nothing is sent and no run is touched; the cluster takes the next stop.
 */
export async function closeIntent({ clusterId, planId, reason }: Closing, person: Maker): Promise<null> {
  const intent = await readIntent(planId);
  if (intent?.clusterId !== clusterId || intent.endedAt !== null) throw new AppError("intent-over");
  const isSending = intent.state === "open" && !isGone(intent);
  const isHeard = intent.state === "accepted" && intent.progress.silentSince === null;
  if (isSending || isHeard) throw new AppError("stop-in-progress");
  const now = new Date().toISOString();
  const told = { by: person.name, event: "closed" as const, detail: { reason } };
  if (!(await moveIntent(intent, [intent.state], { ended_at: now, recorded_at: now }, [told])))
    throw new AppError("intent-over");
  return null;
}
