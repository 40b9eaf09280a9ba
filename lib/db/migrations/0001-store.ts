import "server-only";
import { sql, type Kysely } from "kysely";
import type { Engine } from "../engine";

/** Clusters, plans, intents and the audit. */
export async function up(db: Kysely<unknown>, engine: Engine): Promise<void> {
  await db.schema
    .createTable("cluster")
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("name", "text", (column) => column.notNull())
    .addColumn("environment", "text", (column) => column.notNull())
    .addColumn("agents", "text", (column) => column.notNull())
    .addColumn("two_person", "integer", (column) => column.notNull())
    .addColumn("sealed", "text", (column) => column.notNull())
    .addColumn("tls_ca", "text")
    .addColumn("tls_cert", "text")
    .addColumn("updated_at", "text", (column) => column.notNull())
    .addColumn("updated_by", "text", (column) => column.notNull())
    .execute();

  await db.schema
    .createTable("known_key")
    .addColumn("cluster_id", "text", (column) => column.notNull())
    .addColumn("address", "text", (column) => column.notNull())
    .addColumn("fingerprint", "text", (column) => column.notNull())
    .addColumn("bits", "integer")
    .addColumn("since", "text", (column) => column.notNull())
    .addColumn("accepted_by", "text")
    .addPrimaryKeyConstraint("known_key_id", ["cluster_id", "address"])
    .execute();

  await db.schema
    .createTable("plan")
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("cluster_id", "text", (column) => column.notNull())
    .addColumn("person", "text", (column) => column.notNull())
    .addColumn("created_at", "text", (column) => column.notNull())
    .addColumn("fingerprint", "text", (column) => column.notNull())
    .addColumn("request", "text", (column) => column.notNull())
    .addColumn("draft", "text", (column) => column.notNull())
    .execute();
  await db.schema.createIndex("plan_created_at").on("plan").column("created_at").execute();

  await db.schema
    .createTable("intent")
    .addColumn("plan_id", "text", (column) => column.primaryKey())
    .addColumn("cluster_id", "text", (column) => column.notNull())
    .addColumn("attempt_id", "text", (column) => column.notNull())
    .addColumn("person", "text", (column) => column.notNull())
    .addColumn("coordinator", "text", (column) => column.notNull())
    .addColumn("request", "text", (column) => column.notNull())
    .addColumn("opened_at", "text", (column) => column.notNull())
    .addColumn("state", "text", (column) => column.notNull())
    .addColumn("run_id", "text")
    .addColumn("silent", "text", (column) => column.notNull().defaultTo("[]"))
    .addColumn("ended_at", "text")
    .addColumn("recorded_at", "text")
    .addColumn("progress", "text", (column) => column.notNull().defaultTo("{}"))
    .addColumn("holder", "text", (column) => column.notNull())
    .addColumn("held_until", "bigint", (column) => column.notNull())
    .execute();
  // One stop per cluster that is not over, whoever sends it and from whichever process.
  await sql`create unique index intent_one_going on intent (cluster_id) where ended_at is null`.execute(db);
  await db.schema.createIndex("intent_run").on("intent").columns(["cluster_id", "run_id"]).execute();
  await sql`create index intent_not_recorded on intent (opened_at) where recorded_at is null`.execute(db);

  await db.schema
    .createTable("approval")
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("plan_id", "text", (column) => column.notNull().unique())
    .addColumn("cluster_id", "text", (column) => column.notNull())
    .addColumn("requested_by", "text", (column) => column.notNull())
    .addColumn("reason", "text", (column) => column.notNull())
    .addColumn("requested_at", "text", (column) => column.notNull())
    .addColumn("expires_at", "text", (column) => column.notNull())
    .addColumn("decided_by", "text")
    .addColumn("decided_at", "text")
    .addColumn("decision", "text")
    .execute();
  await db.schema.createIndex("approval_cluster").on("approval").columns(["cluster_id", "requested_at"]).execute();

  await createAudit(db, engine);

  await db.schema
    .createTable("role_grant")
    .addColumn("user_id", "text", (column) => column.notNull())
    .addColumn("role", "text", (column) => column.notNull())
    .addColumn("level", "text", (column) => column.notNull())
    .addColumn("target", "text", (column) => column.notNull())
    .addPrimaryKeyConstraint("role_grant_id", ["user_id", "role", "level", "target"])
    .execute();

  await db.schema
    .createTable("key_check")
    .addColumn("id", "integer", (column) => column.primaryKey())
    .addColumn("sealed", "text", (column) => column.notNull())
    .execute();
}

async function createAudit(db: Kysely<unknown>, engine: Engine): Promise<void> {
  await db.schema
    .createTable("audit")
    .addColumn("seq", "integer", (column) => column.primaryKey())
    .addColumn("attempt_id", "text", (column) => column.notNull())
    .addColumn("at", "text", (column) => column.notNull())
    .addColumn("event", "text", (column) => column.notNull())
    .addColumn("action", "text", (column) => column.notNull())
    .addColumn("person", "text", (column) => column.notNull())
    .addColumn("cluster_id", "text")
    .addColumn("run_id", "text")
    .addColumn("is_first", "integer", (column) => column.notNull())
    .addColumn("is_force", "integer", (column) => column.notNull())
    .addColumn("is_failure", "integer", (column) => column.notNull())
    .addColumn("line", "text", (column) => column.notNull())
    .addColumn("previous", "text", (column) => column.notNull())
    .addColumn("hash", "text", (column) => column.notNull())
    .execute();
  for (const columns of [
    ["attempt_id", "seq"],
    ["cluster_id", "run_id", "seq"],
  ])
    await db.schema.createIndex(`audit_${columns[0]}`).on("audit").columns(columns).execute();
  // The lists show attempts, so they walk first lines from the newest back, whichever filter is set.
  for (const [name, columns] of Object.entries({
    newest: sql`seq`,
    of_cluster: sql`cluster_id, seq`,
    of_person: sql`person, seq`,
    of_action: sql`action, seq`,
    of_time: sql`at`,
  }))
    await sql`create index ${sql.raw(`audit_${name}`)} on audit (${columns}) where is_first = 1`.execute(db);
  await sql`create index audit_forced on audit (seq) where is_first = 1 and is_force = 1`.execute(db);
  await sql`create index audit_failed on audit (attempt_id) where is_failure = 1`.execute(db);

  await db.schema
    .createTable("audit_head")
    .addColumn("id", "integer", (column) => column.primaryKey())
    .addColumn("seq", "integer", (column) => column.notNull())
    .addColumn("hash", "text", (column) => column.notNull())
    .execute();
  await sql`insert into audit_head (id, seq, hash) values (1, 0, ${"0".repeat(64)})`.execute(db);

  if (engine === "sqlite") {
    for (const change of ["update", "delete"]) {
      await sql`create trigger ${sql.raw(`audit_no_${change}`)} before ${sql.raw(change)} on audit
        begin select raise(abort, 'the audit is append-only'); end`.execute(db);
    }
    return;
  }
  await sql`create function audit_is_append_only() returns trigger language plpgsql as
    $$ begin raise exception 'the audit is append-only'; end $$`.execute(db);
  await sql`create trigger audit_no_change before update or delete or truncate on audit
    for each statement execute function audit_is_append_only()`.execute(db);
  // Whoever owns the table could grant itself these again, but nothing in the program does.
  await sql`revoke update, delete, truncate on audit from current_user`.execute(db);
}
