import "server-only";
import { sql, type Kysely } from "kysely";
import { z } from "zod";

const rowSchema = z.object({ id: z.string(), name: z.string(), agents: z.string() });
const agentsSchema = z.array(z.string()).catch([]);

/** As claims are written: an IPv6 address in its one canonical form. A copy, for a migration stays what it was. */
const asAddress = (address: string): string =>
  address.startsWith("[") && URL.canParse(`http://${address}`) ? new URL(`http://${address}`).host : address;

/**
 * What no two registrations share: a display name, whatever its case, and an agent. Clusters that share one already keep
 * working; the first of them by id holds it, and the next that wants it is refused.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("cluster_claim")
    .addColumn("claim", "text", (column) => column.primaryKey())
    .addColumn("cluster_id", "text", (column) => column.notNull())
    .execute();
  await db.schema.createIndex("cluster_claim_of").on("cluster_claim").column("cluster_id").execute();
  const { rows } = await sql`select id, name, agents from cluster order by id`.execute(db);
  for (const row of rows) {
    const { id, name, agents } = rowSchema.parse(row);
    const claims = [`name ${name.trim().normalize("NFKC").toLowerCase()}`];
    for (const agent of agentsSchema.parse(JSON.parse(agents))) claims.push(`agent ${asAddress(agent)}`);
    for (const claim of claims)
      await sql`insert into cluster_claim (claim, cluster_id) values (${claim}, ${id})
        on conflict (claim) do nothing`.execute(db);
  }
}
