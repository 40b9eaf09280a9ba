import "server-only";
import { sql } from "kysely";
import { z } from "zod";
import { serverSchema, topologySchema } from "../clusters/schema";
import { decide } from "../db/cluster-lock";
import { openStore } from "../db/store";
import { scopeSchema } from "../obshell/schema";
import type { Draft } from "./draft";
import {
  blockerSchema,
  checkSchema,
  impactSchema,
  method,
  partSchema,
  planRequestSchema,
  planRunSchema,
  tier,
  type PlanRequest,
} from "./schema";

const DAY_MS = 86_400_000;
/** A person reviews one stop at a time, in some tabs; beyond this many the oldest that was not sent goes. */
const OPEN_PLANS = 20;

const sent = { path: z.string(), body: z.record(z.string(), z.unknown()), forcePassDag: z.array(z.string()) };
const callSchema = z.discriminatedUnion("call", [
  z.object({ call: z.literal("stop"), ...sent, scope: scopeSchema, mode: method }),
  z.object({ call: z.literal("zone-stop"), ...sent, zone: z.string(), freezeServer: z.boolean() }),
  z.object({ call: z.literal("start"), ...sent, scope: scopeSchema }),
  z.object({ call: z.literal("operate"), parts: z.array(partSchema) }),
]);

const draftSchema: z.ZodType<Draft> = z.object({
  impact: impactSchema,
  checks: z.array(checkSchema),
  tier,
  tierReasons: z.array(z.string()),
  coordinator: serverSchema.nullable(),
  blockers: z.array(blockerSchema),
  run: planRunSchema.nullable(),
  call: callSchema.nullable(),
  targets: z.array(serverSchema),
  fingerprint: z.string(),
  topology: topologySchema,
});

/** A plan as it was reviewed. It never changes. */
export interface StoredPlan {
  id: string;
  person: string;
  request: PlanRequest;
  draft: Draft;
  createdAtMs: number;
}

/**
 * Keeps a plan where every process finds it, and drops those that nobody can send any more. Returns which of the same
 * person's plans had to go for it.
 */
export async function storePlan({ id, person, request, draft, createdAtMs }: StoredPlan): Promise<string[]> {
  const { db } = await openStore();
  const row = { id, person, cluster_id: request.clusterId, fingerprint: draft.fingerprint };
  await db
    .insertInto("plan")
    .values({
      ...row,
      created_at: new Date(createdAtMs).toISOString(),
      request: JSON.stringify(request),
      draft: JSON.stringify(draft),
    })
    .execute();
  await db
    .deleteFrom("plan")
    .where("created_at", "<", new Date(createdAtMs - DAY_MS).toISOString())
    .execute();
  return dropSurplus(person, new Date(createdAtMs).toISOString());
}

/** What was sent is kept, and what a second person is thinking about. */
async function dropSurplus(person: string, now: string): Promise<string[]> {
  const { db, engine } = await openStore();
  const unsent = await db
    .selectFrom("plan")
    .select(["id", "cluster_id"])
    .where("person", "=", person)
    .where(({ not, exists, selectFrom }) =>
      not(exists(selectFrom("intent").select("plan_id").whereRef("intent.plan_id", "=", "plan.id"))),
    )
    .where(({ not, exists, selectFrom }) => {
      const asked = selectFrom("approval").select("approval.id").whereRef("approval.plan_id", "=", "plan.id");
      return not(exists(asked.where("approval.expires_at", ">", now)));
    })
    // In the order in which the store took them: whoever's clock is behind makes no old plan.
    .orderBy(sql.ref(engine === "postgres" ? "made" : "rowid"), "desc")
    .execute();
  const surplus = unsent.slice(OPEN_PLANS);
  for (const { id, cluster_id } of surplus) await dropUnsent(id, cluster_id);
  return surplus.map(({ id }) => id);
}

/** One that is confirmed at this moment stays. */
export const dropUnsent = (planId: string, clusterId: string): Promise<void> =>
  decide(clusterId, async (transaction) => {
    const sent = transaction.selectFrom("intent").select("plan_id").where("plan_id", "=", planId);
    if (!(await sent.executeTakeFirst())) await transaction.deleteFrom("plan").where("id", "=", planId).execute();
  });

export async function loadPlan(planId: string): Promise<StoredPlan | null> {
  const { db } = await openStore();
  const row = await db.selectFrom("plan").selectAll().where("id", "=", planId).executeTakeFirst();
  if (!row) return null;
  // A plan of an earlier version of the console cannot be read any more; it is made anew.
  const request = planRequestSchema.safeParse(JSON.parse(row.request));
  const draft = draftSchema.safeParse(JSON.parse(row.draft));
  if (!request.success || !draft.success) return null;
  const { id, person, created_at } = row;
  return { id, person, request: request.data, draft: draft.data, createdAtMs: Date.parse(created_at) };
}
