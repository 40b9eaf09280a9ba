import "server-only";
import { decide } from "../db/cluster-lock";
import type { Database } from "../db/tables";
import { AppError } from "../errors";
import { listClusters } from "./registry";

const turnsOf = (clusterId: string, transaction: Database) =>
  transaction
    .selectFrom("cluster_turn")
    .select(["removed_turn", "changed_turn"])
    .where("cluster_id", "=", clusterId)
    .executeTakeFirst();

/**
 * Under the cluster's lock: this process may know it by an old picture. Clusters of the configuration file are there as
 * long as the file has them. Throws `cluster-unknown`.
 */
export async function requireRegistered(clusterId: string, transaction: Database): Promise<void> {
  const row = await turnsOf(clusterId, transaction);
  if (!row || row.removed_turn === 0) return;
  if (listClusters().some(({ id, source }) => id === clusterId && source === "file")) return;
  throw new AppError("cluster-unknown", { params: { name: clusterId } });
}

/** Something that plans rest on is another in this turn: the settings, a key, who is set aside. */
export async function noteChanged(clusterId: string, turn: number, transaction: Database): Promise<void> {
  await transaction
    .updateTable("cluster_turn")
    .set({ changed_turn: turn })
    .where("cluster_id", "=", clusterId)
    .execute();
}

/**
 * Changes what plans rest on, under the cluster's lock, for as long as it is registered and `requireStill` lets it. Throws
 * `cluster-unknown` and what `requireStill` throws.
 */
export const decideChange = <T>(
  clusterId: string,
  work: (transaction: Database) => Promise<T>,
  requireStill?: (transaction: Database) => Promise<void>,
): Promise<T> =>
  decide(clusterId, async (transaction, turn) => {
    await requireRegistered(clusterId, transaction);
    await requireStill?.(transaction);
    await noteChanged(clusterId, turn, transaction);
    return work(transaction);
  });

/** Whether what plans rest on was changed after this turn, under the cluster's lock. */
export const isChangedSince = async (clusterId: string, turn: number, transaction: Database): Promise<boolean> =>
  ((await turnsOf(clusterId, transaction))?.changed_turn ?? 0) > turn;
