import "server-only";
import { openStore } from "../db/store";
import type { Database } from "../db/tables";
import { may, type ClusterPlace, type Permission } from "./permissions";
import { grantSchema } from "./schema";

/**
 * Whether somebody may do this at the moment of the transaction that does it. Their row is held until the commit, so a
 * change of their rights comes before it and is seen, or waits.
 */
export async function stillMay(
  userId: string,
  permission: Permission,
  place: ClusterPlace | null,
  transaction: Database,
): Promise<boolean> {
  const { engine } = await openStore();
  const own = transaction.selectFrom("person").select("deactivated_at").where("user_id", "=", userId);
  const person = await (engine === "postgres" ? own.forShare() : own).executeTakeFirst();
  if (person?.deactivated_at !== null) return false;
  const grants = transaction.selectFrom("role_grant").select(["role", "level", "target"]).where("user_id", "=", userId);
  return may(
    (await grants.execute()).map((grant) => grantSchema.parse(grant)),
    permission,
    place,
  );
}
