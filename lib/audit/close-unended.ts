import "server-only";
import { randomUUID } from "node:crypto";
import { z } from "zod";
import type { Database } from "../db/tables";
import { appendRow } from "./append-row";
import { BEFORE_THE_END } from "./close-once";
import { auditLineSchema, sendingAction } from "./schema";

/** How many a restore has closed. */
export const closedSchema = z.object({ plans: z.number(), intents: z.number(), approvals: z.number() });
export type Closed = z.infer<typeof closedSchema>;

/**
 * Closes what had not ended when the backup was taken, in a store that came out of it: nobody knows what became of it since.
 * A plan may have been sent, a run may be over, a session may belong to somebody who was shut out. The chain is told, and
 * the store gets another id, so that the one before is not taken for it.
 */
export async function closeUnended(db: Database, from: string, now = new Date()): Promise<Closed> {
  const at = now.toISOString();
  return db.transaction().execute(async (on) => {
    const intents = await on.selectFrom("intent").selectAll().where("recorded_at", "is", null).execute();
    for (const { plan_id, attempt_id, run_id, state, ended_at } of intents) {
      const first = await on
        .selectFrom("audit")
        .select("line")
        .where("attempt_id", "=", attempt_id)
        .orderBy("seq")
        .limit(1)
        .executeTakeFirst();
      const opened = first ? auditLineSchema.safeParse(JSON.parse(first.line)).data : undefined;
      if (opened)
        await appendRow(on, {
          ...{
            id: attempt_id,
            by: "console",
            event: "closed",
            action: opened.action,
            cluster: opened.cluster,
            detail: {},
          },
          outcome: { ...(run_id === null ? {} : { runId: run_id }), kind: "store-restored" },
        });
      await on
        .updateTable("intent")
        .set({ ended_at: ended_at ?? at, recorded_at: at, state: state === "open" ? "unknown" : state })
        .where("plan_id", "=", plan_id)
        .execute();
    }
    await closePresses(on);
    const approvals = await on
      .updateTable("approval")
      .set({ expires_at: at })
      .where("expires_at", ">", at)
      .where(({ not, exists, selectFrom }) =>
        not(exists(selectFrom("intent").select("intent.plan_id").whereRef("intent.plan_id", "=", "approval.plan_id"))),
      )
      .executeTakeFirst();
    const plans = await on
      .deleteFrom("plan")
      .where(({ not, exists, selectFrom }) =>
        not(exists(selectFrom("intent").select("intent.plan_id").whereRef("intent.plan_id", "=", "plan.id"))),
      )
      .executeTakeFirst();
    for (const table of ["session", "verification"] as const) await on.deleteFrom(table).execute();
    const closed: Closed = {
      plans: Number(plans.numDeletedRows),
      intents: intents.length,
      approvals: Number(approvals.numUpdatedRows),
    };
    await on
      .updateTable("store_identity")
      .set({
        store: randomUUID(),
        restored_at: at,
        restored_from: from,
        closed: JSON.stringify(closed),
        acknowledged_by: null,
      })
      .execute();
    const counts = `plans ${closed.plans}, intents ${closed.intents}, approvals ${closed.approvals}`;
    await appendRow(on, {
      ...{ id: randomUUID(), by: "console", event: "checked", action: "store.restore", cluster: null },
      detail: { text: `${from} · ${counts}` },
    });
    return closed;
  });
}

/** What was pressed when the backup was taken and had no intent yet may have been sent after it: "never sent" is not known. */
async function closePresses(on: Database): Promise<void> {
  const open = await on
    .selectFrom("audit as first")
    .select("first.line")
    .where("first.is_first", "=", 1)
    .where("first.event", "=", "opened")
    .where("first.action", "in", sendingAction.options)
    .where(({ not, exists, selectFrom }) =>
      not(exists(selectFrom("intent").select("intent.plan_id").whereRef("intent.attempt_id", "=", "first.attempt_id"))),
    )
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom("audit as later")
            .select("later.seq")
            .whereRef("later.attempt_id", "=", "first.attempt_id")
            .where("later.event", "not in", BEFORE_THE_END),
        ),
      ),
    )
    .execute();
  for (const { line } of open) {
    const opened = auditLineSchema.safeParse(JSON.parse(line)).data;
    if (!opened) continue;
    const { id, action, cluster } = opened;
    const end = { by: "console", event: "closed" as const, outcome: { kind: "store-restored" } };
    await appendRow(on, { id, action, cluster, detail: {}, ...end });
  }
}
