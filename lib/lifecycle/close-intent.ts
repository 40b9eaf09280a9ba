import "server-only";
import { AppError } from "../errors";
import { isGone } from "./holder";
import { moveIntent, readIntent } from "./intents";
import type { LastWord } from "./open-intent";
import type { Maker } from "./plans";
import type { Closing } from "./schema";

/**
 * Ends an entry that the console cannot bring to an end, because an agent does not come back: on a person's word and for
 * a reason. Nothing is sent and no run is touched; the cluster takes the next stop.
 */
export async function closeIntent(
  { clusterId, planId, reason }: Closing,
  person: Maker,
  tell?: LastWord,
): Promise<null> {
  const intent = await readIntent(planId);
  if (intent?.clusterId !== clusterId || intent.endedAt !== null) throw new AppError("intent-over");
  const isSending = intent.state === "open" && !(await isGone(intent));
  const isHeard = intent.state === "accepted" && intent.progress.silentSince === null;
  if (isSending || isHeard) throw new AppError("stop-in-progress");
  const told = { by: person.name, event: "closed" as const, detail: { reason } };
  if (!(await moveIntent(intent, [intent.state], { ends: true, records: true }, [told], tell)))
    return closeIntent({ clusterId, planId, reason }, person, tell); // somebody else came to a conclusion: judged anew
  return null;
}
