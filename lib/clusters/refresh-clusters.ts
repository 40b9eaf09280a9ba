import "server-only";
import { openKeyRing } from "../db/key-ring";
import { log } from "../log";
import { singleton } from "../singleton";
import { clusterOfRow, readStoredRows } from "./stored-clusters";
import { replaceStored, storedClusters } from "./registry";

const REFRESH_MS = 3_000;

/** What each cluster of the store was made from, so that one that did not change stays the same object. */
const rowsSeen = () => singleton("clusters.rows", () => new Map<string, string>());

/** Reads the clusters of the store into this process. What has not changed keeps its connections. */
export async function refreshClusters(): Promise<void> {
  const [ring, rows] = [await openKeyRing(), await readStoredRows()];
  const seen = rowsSeen();
  const before = storedClusters();
  const found = rows.map((row) => {
    const text = JSON.stringify(row);
    const same = seen.get(row.id) === text ? before.get(row.id) : undefined;
    if (same) return same;
    seen.set(row.id, text);
    const cluster = clusterOfRow(row, ring);
    if (!cluster.credentials)
      log.error(
        { cluster: row.id },
        "the credentials of this cluster cannot be opened: enter them again in its settings",
      );
    return cluster;
  });
  replaceStored(found);
}

/** From now on what other processes change arrives here by itself. Called once, when the process starts. */
export function watchClusters(): void {
  singleton("clusters.watcher", () => {
    let isReading = false;
    return setInterval(() => {
      if (isReading) return;
      isReading = true;
      refreshClusters()
        .catch((error: unknown) => log.warn({ err: error }, "the clusters of the store could not be read"))
        .finally(() => (isReading = false));
    }, REFRESH_MS).unref();
  });
}
