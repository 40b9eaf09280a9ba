import "server-only";
import { openStore } from "../db/store";
import { storeNow } from "../db/store-clock";

/** How many stops wait for a second person's word, by cluster; clusters without one are not in it. */
export async function countWaitingApprovals(): Promise<Map<string, number>> {
  const { db } = await openStore();
  const rows = await db
    .selectFrom("approval")
    .select(["cluster_id", "plan_id"])
    .where("decision", "is", null)
    .where("expires_at", ">", await storeNow())
    .where(({ not, exists, selectFrom }) =>
      not(exists(selectFrom("intent").select("intent.plan_id").whereRef("intent.plan_id", "=", "approval.plan_id"))),
    )
    .execute();
  const counts = new Map<string, number>();
  for (const { cluster_id } of rows) counts.set(cluster_id, (counts.get(cluster_id) ?? 0) + 1);
  return counts;
}
