import "server-only";
import type { Selectable } from "kysely";
import { z } from "zod";
import { openStore } from "../db/store";
import type { Tables } from "../db/tables";
import { scopeSchema } from "../obshell/schema";
import { singleton } from "../singleton";
import type { Server, Topology } from "./schema";

/** A server that was down longer than this is no longer told as "by us": who knows what has happened to it since. */
const REMEMBER_DAYS = 30;
const DAY_MS = 86_400_000;

/** What was sent, in so far as it is read here. */
const requestSchema = z.object({
  action: z.string().default("stop"),
  method: z.enum(["stop", "terminate", "force"]).nullable(),
  targets: z.array(z.string()),
  scope: z.enum([...scopeSchema.options.map((option) => option.shape.type.value), ""]).default(""),
});

type Request = z.infer<typeof requestSchema>;
const progressSchema = z.object({ stage: z.number().default(0) });

/** A stop of this console that an agent took. */
export interface OurStop {
  planId: string;
  runId: string;
  person: string;
  since: string;
  method: "stop" | "terminate" | "force";
  scope: "GLOBAL" | "ZONE" | "SERVER";
  targets: string[];
  /** ISO 8601 of its end; null while it goes on. */
  endedAt: string | null;
  /** False: it ended before it did anything to its servers. */
  hasActed: boolean;
  /** Targets that were seen serving after it. */
  back: string[];
}

export interface OurStops {
  /** The newest first. */
  stops: OurStop[];
  /** The run that is not over. */
  going: "open" | "unknown" | "accepted" | null;
}

type Row = Pick<
  Selectable<Tables["intent"]>,
  "plan_id" | "cluster_id" | "state" | "run_id" | "person" | "opened_at" | "ended_at" | "back" | "progress"
>;

/** What this console has stopped lately, by cluster. A retry or skip counts as the stop that it goes on with. */
export async function readOurStops(clusterId?: string): Promise<Map<string, OurStops>> {
  const { db } = await openStore();
  const newest = new Date(Date.now() - REMEMBER_DAYS * DAY_MS).toISOString();
  let query = db
    .selectFrom("intent")
    .select(["plan_id", "cluster_id", "state", "run_id", "person", "opened_at", "ended_at", "back", "progress"])
    .where("kind", "=", "run")
    .where("state", "!=", "none")
    .where((where) => where.or([where("ended_at", "is", null), where("opened_at", ">", newest)]));
  if (clusterId !== undefined) query = query.where("cluster_id", "=", clusterId);
  const rows = await query.orderBy("opened_at", "desc").execute();
  const requests = await requestsOf(rows);
  const found = new Map<string, OurStops>();
  for (const row of rows) {
    const ours = found.get(row.cluster_id) ?? { stops: [], going: null };
    found.set(row.cluster_id, ours);
    if (row.ended_at === null && row.state !== "none") ours.going = row.state;
    const sent = requests.get(row.plan_id);
    const goesOn = sent?.action === "retry" || sent?.action === "skip";
    const made = goesOn
      ? rows.find(
          (one) => one.run_id === row.run_id && one.cluster_id === row.cluster_id && isStop(requests.get(one.plan_id)),
        )
      : row;
    const request = made && requests.get(made.plan_id);
    if (row.state !== "accepted" || row.run_id === null || !isStop(request) || !request.method) continue;
    ours.stops.push({
      ...{ planId: row.plan_id, runId: row.run_id, person: row.person, since: row.opened_at, endedAt: row.ended_at },
      ...{ method: request.method, scope: request.scope || "SERVER", targets: request.targets },
      hasActed: hasActed(row, request.method),
      back: z.array(z.string()).parse(JSON.parse(row.back)),
    });
  }
  return found;
}

const isStop = (request: Request | null | undefined): request is Request => request?.action === "stop";

const requestMemory = () => singleton("clusters.sent-requests", () => new Map<string, Request | null>());
const MOST_REMEMBERED = 5_000;

/** What was sent never changes, so each is read once: this is asked at every poll, and a request holds many targets. */
async function requestsOf(rows: readonly Row[]): Promise<ReadonlyMap<string, Request | null>> {
  const memory = requestMemory();
  if (memory.size > MOST_REMEMBERED) memory.clear();
  const missing = rows.map((row) => row.plan_id).filter((planId) => !memory.has(planId));
  const { db } = await openStore();
  for (let at = 0; at < missing.length; at += 500) {
    const some = missing.slice(at, at + 500);
    const read = await db.selectFrom("intent").select(["plan_id", "request"]).where("plan_id", "in", some).execute();
    for (const { plan_id, request } of read)
      memory.set(plan_id, requestSchema.safeParse(JSON.parse(request)).data ?? null);
  }
  return memory;
}

/** The last stage in which a stop has done nothing to its servers yet: it prepares, and before a terminate it flushes. */
const HARMLESS_STAGE = { stop: 2, force: 2, terminate: 3 } as const;

/** A run that ended before it did anything took nothing down: whatever is down after it crashed by itself. */
function hasActed({ ended_at, progress }: Row, method: OurStop["method"]): boolean {
  const stage = progressSchema.safeParse(JSON.parse(progress)).data?.stage ?? 0;
  return ended_at === null || stage === 0 || stage > HARMLESS_STAGE[method];
}

const BACK: ReadonlySet<Server["state"]> = new Set(["SERVING"]);
/** What a stop leads to. A server that hangs, or that nobody tells about, was not taken down as far as anybody knows. */
const DOWN: ReadonlySet<Server["state"]> = new Set(["PROCESS_STOPPED", "SERVICE_STOPPED"]);

/** Servers that are down since a stop of ours, each told once, at the newest stop that was about it. Pure. */
export function downOf(ours: OurStops | undefined, topology: Topology | null): { stop: OurStop; servers: Server[] }[] {
  const servers = topology?.zones.flatMap((zone) => zone.servers) ?? [];
  const left = new Map(servers.map((server) => [server.address, server]));
  return (ours?.stops ?? []).flatMap((stop) => {
    const down = stop.targets.flatMap((address) => {
      const server = left.get(address);
      // One that never acted takes nothing from an earlier one that did.
      if (stop.hasActed) left.delete(address);
      const isDown =
        server && stop.endedAt !== null && stop.hasActed && DOWN.has(server.state) && !stop.back.includes(address);
      return isDown ? [server] : [];
    });
    return down.length > 0 ? [{ stop, servers: down }] : [];
  });
}

/** Remembers which targets the topology has shown serving after their stop: whatever happens to them later is not ours. */
export async function noteBack(ours: OurStops | undefined, topology: Topology | null): Promise<void> {
  if (!ours || !topology) return;
  const states = new Map(topology.zones.flatMap((zone) => zone.servers.map(({ address, state }) => [address, state])));
  for (const stop of ours.stops) {
    // A picture from before the end says nothing about what came after it.
    if (stop.endedAt === null || Date.parse(topology.readAt) <= Date.parse(stop.endedAt)) continue;
    const isBack = (address: string) => {
      const state = states.get(address);
      return state !== undefined && BACK.has(state) && !stop.back.includes(address);
    };
    const fresh = stop.targets.filter(isBack);
    if (fresh.length === 0) continue;
    stop.back = [...stop.back, ...fresh];
    const { db } = await openStore();
    await db
      .updateTable("intent")
      .set({ back: JSON.stringify(stop.back) })
      .where("plan_id", "=", stop.planId)
      .execute();
  }
}
