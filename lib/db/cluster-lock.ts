import "server-only";
import { openStore } from "./store";
import type { Database } from "./tables";

/**
 * Looks at a cluster and writes what follows from it, while nobody else does (docs/adr/0014): the lock is taken first and
 * held until the commit. `turn` numbers what happens to the cluster, so order is told by the store and by no clock.
 */
export async function decide<T>(
  clusterId: string,
  work: (transaction: Database, turn: number) => Promise<T>,
): Promise<T> {
  const { db } = await openStore();
  return db.transaction().execute(async (transaction) => work(transaction, await lockCluster(transaction, clusterId)));
}

/** One row per cluster: whoever writes it keeps all others waiting, on either engine. It outlives the cluster. */
async function lockCluster(transaction: Database, clusterId: string): Promise<number> {
  const { turn } = await transaction
    .insertInto("cluster_turn")
    .values({ cluster_id: clusterId, turn: 1 })
    .onConflict((conflict) =>
      conflict.column("cluster_id").doUpdateSet((set) => ({ turn: set("cluster_turn.turn", "+", 1) })),
    )
    .returning("turn")
    .executeTakeFirstOrThrow();
  return turn;
}

/** The last turn that is committed. A look that begins now has seen everything up to it. */
export async function lastTurn(clusterId: string): Promise<number> {
  const { db } = await openStore();
  const row = await db.selectFrom("cluster_turn").select("turn").where("cluster_id", "=", clusterId).executeTakeFirst();
  return row?.turn ?? 0;
}
