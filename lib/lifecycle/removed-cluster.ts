import "server-only";
import { refreshClusters } from "../clusters/refresh-clusters";
import { listClusters } from "../clusters/registry";
import { log } from "../log";
import { moveIntent, type Intent } from "./intents";

/** Whether a cluster is registered no more. This process may know it by an old picture, so the store is asked first. */
export async function isRemoved(clusterId: string): Promise<boolean> {
  const isListed = () => listClusters().some(({ id }) => id === clusterId);
  if (isListed()) return false;
  try {
    await refreshClusters();
  } catch (error) {
    log.warn({ clusterId, err: error }, "whether a cluster is still registered cannot be told");
    return false;
  }
  return !isListed();
}

/** Ends an intent whose cluster nobody can be asked about any more, and says why. */
export function closeAsRemoved(intent: Intent): Promise<boolean> {
  const runId = intent.runId === null ? {} : { runId: intent.runId };
  log.warn({ clusterId: intent.clusterId, planId: intent.planId }, "a stop is left: its cluster was removed");
  return moveIntent(intent, [intent.state], { ends: true, records: true }, [
    { by: "console", event: "closed", outcome: { ...runId, kind: "cluster-unknown" } },
  ]);
}
