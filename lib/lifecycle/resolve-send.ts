import "server-only";
import { appendLine } from "../audit/journal";
import { clusterCard } from "../clusters/registry";
import { log } from "../log";
import { findRun } from "../tasks/find-run";
import type { PlanRecord } from "./plans";

const LOOK_EVERY_MS = 2_000;
/** A request can still be on its way or in the agent's hands; "none" counts only after this long, and twice in a row. */
const SETTLE_MS = 12_000;
/** After this long with silent agents the looking goes on, but less often. */
const PATIENT_MS = 120_000;

/**
 * Looks for the run of a stop whose answer was lost (ux C-11), for ever, until it is found or every agent has answered
 * that there is none. `done` frees the cluster for the next stop.
 */
export async function resolveSend(
  record: PlanRecord,
  attemptId: string,
  coordinator: string,
  sentAtMs: number,
  done: () => void,
): Promise<void> {
  const { clusterId } = record.request;
  let nones = 0;
  for (;;) {
    const waitedMs = Date.now() - sentAtMs;
    await new Promise((resolve) =>
      setTimeout(resolve, waitedMs > PATIENT_MS ? LOOK_EVERY_MS * 5 : LOOK_EVERY_MS).unref(),
    );
    try {
      const { found, silent } = await findRun(clusterId, { name: "Stop OB", coordinator, sentAtMs });
      if (found) {
        record.send = { state: "accepted", runId: found, coordinator, at: new Date().toISOString() };
        await note(record, attemptId, { runId: found });
        return done();
      }
      nones = silent.length === 0 && Date.now() - sentAtMs > SETTLE_MS ? nones + 1 : 0;
      if (nones >= 2) {
        record.send = { state: "none" };
        await note(record, attemptId, { kind: "none" });
        return done();
      }
      record.send = { state: "unknown", coordinator, since: new Date(sentAtMs).toISOString(), silent };
    } catch (error) {
      log.warn({ clusterId, err: error }, "looking for a stop whose answer was lost");
    }
  }
}

async function note(record: PlanRecord, id: string, outcome: { runId?: string; kind?: string }): Promise<void> {
  const cluster = clusterCard(record.request.clusterId);
  try {
    await appendLine({ id, by: "console", action: "cluster.stop", cluster, detail: {}, event: "resolved", outcome });
  } catch (error) {
    log.error({ attempt: id, outcome, err: error }, "an audit entry stays open: its end could not be written");
  }
}
