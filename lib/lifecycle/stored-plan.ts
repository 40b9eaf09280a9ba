import "server-only";
import { z } from "zod";
import { serverSchema, topologySchema } from "../clusters/schema";
import { openStore } from "../db/store";
import { scopeSchema } from "../obshell/schema";
import type { Draft } from "./draft";
import { checkSchema, impactSchema, method, stopRequestSchema, tier, type StopRequest } from "./schema";

const DAY_MS = 86_400_000;

const sent = { path: z.string(), body: z.record(z.string(), z.unknown()), forcePassDag: z.array(z.string()) };
const callSchema = z.discriminatedUnion("call", [
  z.object({ call: z.literal("stop"), ...sent, scope: scopeSchema, mode: method }),
  z.object({ call: z.literal("zone-stop"), ...sent, zone: z.string(), freezeServer: z.boolean() }),
]);

const draftSchema: z.ZodType<Draft> = z.object({
  impact: impactSchema,
  checks: z.array(checkSchema),
  tier,
  tierReasons: z.array(z.string()),
  coordinator: serverSchema.nullable(),
  closes: z.array(z.object({ id: z.string(), name: z.string(), agents: z.number() })),
  call: callSchema.nullable(),
  targets: z.array(serverSchema),
  fingerprint: z.string(),
  topology: topologySchema,
});

/** A plan as it was reviewed. It never changes. */
export interface StoredPlan {
  id: string;
  person: string;
  request: StopRequest;
  draft: Draft;
  createdAtMs: number;
}

/** Keeps a plan where every process finds it, and drops those that nobody can send any more. */
export async function storePlan({ id, person, request, draft, createdAtMs }: StoredPlan): Promise<void> {
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
    .where("created_at", "<", new Date(Date.now() - DAY_MS).toISOString())
    .execute();
}

export async function loadPlan(planId: string): Promise<StoredPlan | null> {
  const { db } = await openStore();
  const row = await db.selectFrom("plan").selectAll().where("id", "=", planId).executeTakeFirst();
  if (!row) return null;
  return {
    id: row.id,
    person: row.person,
    request: stopRequestSchema.parse(JSON.parse(row.request)),
    draft: draftSchema.parse(JSON.parse(row.draft)),
    createdAtMs: Date.parse(row.created_at),
  };
}
