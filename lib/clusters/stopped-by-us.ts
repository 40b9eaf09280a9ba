import "server-only";
import type { Selectable } from "kysely";
import { z } from "zod";
import { openStore } from "../db/store";
import { storeNowMs } from "../db/store-clock";
import type { Database, Tables } from "../db/tables";
import { scopeSchema } from "../obshell/schema";
import { singleton } from "../singleton";
import { doneSchema, type Done } from "./schema";

/** A server that was down longer than this is no longer told as "by us": who knows what has happened to it since. */
const REMEMBER_DAYS = 30;
const DAY_MS = 86_400_000;

/** What was sent, in so far as it is read here. */
const requestSchema = z.object({
  action: z.string().default("stop"),
  method: z.enum(["stop", "terminate", "force"]).nullable(),
  targets: z.array(z.string()),
  scope: z.enum([...scopeSchema.options.map((option) => option.shape.type.value), ""]).default(""),
  path: z.string().default(""),
});

type Request = z.infer<typeof requestSchema>;
const progressSchema = z.object({ stage: z.number().default(0), done: doneSchema.default([]) });

/** A stop of this console that an agent took. */
export interface OurStop {
  planId: string;
  runId: string;
  person: string;
  since: string;
  /** The cluster's turn in which it was sent. */
  turn: number;
  method: "stop" | "terminate" | "force";
  scope: "GLOBAL" | "ZONE" | "SERVER";
  /** It stops zones by STOP ZONE, which only a start of the zone takes back (protocol §5.3). */
  isZoneStop: boolean;
  targets: string[];
  /** ISO 8601 of its end; null while it goes on. */
  endedAt: string | null;
  /** The cluster's turn in which it ended. */
  endedTurn: number;
  /** False: it ended before it did anything to its servers. */
  hasActed: boolean;
  done: Done;
  /** Targets that were seen serving after it, or whose zone was started from here. */
  back: string[];
}

export interface OurStops {
  /** The newest first. */
  stops: OurStop[];
  /** The run that is not over. */
  going: "open" | "unknown" | "accepted" | null;
}

const COLUMNS = [
  ...(["plan_id", "cluster_id", "state", "run_id", "person"] as const),
  ...(["opened_at", "opened_turn", "ended_at", "ended_turn", "back", "progress"] as const),
];
type Row = Pick<Selectable<Tables["intent"]>, (typeof COLUMNS)[number]>;

/** What this console has stopped lately, by cluster. A retry or skip counts as the stop that it goes on with. */
export async function readOurStops(clusterId?: string, on?: Database): Promise<Map<string, OurStops>> {
  const db = on ?? (await openStore()).db;
  const newest = new Date((await storeNowMs(on)) - REMEMBER_DAYS * DAY_MS).toISOString();
  let query = db
    .selectFrom("intent")
    .select(COLUMNS)
    .where("kind", "=", "run")
    .where("state", "!=", "none")
    .where(({ or, eb }) => or([eb("ended_at", "is", null), eb("opened_at", ">", newest), eb("zone_stop", "=", 1)]));
  if (clusterId !== undefined) query = query.where("cluster_id", "=", clusterId);
  const rows = await query.orderBy("opened_turn", "desc").orderBy("opened_at", "desc").execute();
  const requests = await requestsOf(rows, db);
  const found = new Map<string, OurStops>();
  for (const [at, row] of rows.entries()) {
    const ours = found.get(row.cluster_id) ?? { stops: [], going: null };
    found.set(row.cluster_id, ours);
    if (row.ended_at === null && row.state !== "none") ours.going = row.state;
    const sent = requests.get(row.plan_id);
    const isEarlier = (one: Row, place: number) =>
      place > at && one.run_id === row.run_id && one.cluster_id === row.cluster_id;
    // An agent that lost its store gives run ids anew: it goes on with the newest before it.
    const made = goesOn(sent)
      ? rows.find((one, place) => isEarlier(one, place) && !goesOn(requests.get(one.plan_id)))
      : row;
    const request = made && requests.get(made.plan_id);
    if (row.state !== "accepted" || row.run_id === null || !isStop(request) || !request.method) continue;
    const progress = progressSchema.safeParse(JSON.parse(row.progress)).data ?? { stage: 0, done: [] };
    ours.stops.push({
      ...{ planId: row.plan_id, runId: row.run_id, person: row.person, since: row.opened_at },
      ...{ turn: row.opened_turn, endedAt: row.ended_at, endedTurn: row.ended_turn },
      ...{ method: request.method, scope: request.scope || "SERVER", targets: request.targets },
      isZoneStop: isZoneStop(request),
      hasActed: row.ended_at === null || mayHaveActed(request.method, progress.stage),
      done: progress.done,
      back: backSchema.parse(JSON.parse(row.back)),
    });
  }
  return found;
}

const backSchema = z.array(z.string());
const goesOn = (request: Request | null | undefined): boolean =>
  request?.action === "retry" || request?.action === "skip";
const isStop = (request: Request | null | undefined): request is Request => request?.action === "stop";

/** Only a plain stop of zones and the zone endpoint run STOP ZONE; the other ways kill processes (protocol §5.2, §7.1). */
export const isZoneStop = ({ action, method, scope, path }: Omit<Request, "targets">): boolean =>
  action === "stop" && scope === "ZONE" && (method === "stop" || path.includes("/ob/zone/"));

const requestMemory = () => singleton("clusters.sent-requests", () => new Map<string, Request | null>());
const MOST_REMEMBERED = 5_000;

/** What was sent never changes, so each is read once: this is asked at every poll, and a request holds many targets. */
async function requestsOf(
  rows: readonly Pick<Row, "plan_id">[],
  db: Database,
): Promise<ReadonlyMap<string, Request | null>> {
  const memory = requestMemory();
  const found = new Map<string, Request | null>();
  for (const { plan_id: planId } of rows) {
    const known = memory.get(planId);
    if (known !== undefined) found.set(planId, known);
  }
  const missing = rows.map((row) => row.plan_id).filter((planId) => !found.has(planId));
  for (let at = 0; at < missing.length; at += 500) {
    const some = missing.slice(at, at + 500);
    const read = await db.selectFrom("intent").select(["plan_id", "request"]).where("plan_id", "in", some).execute();
    for (const { plan_id: planId, request } of read) {
      const sent = requestSchema.safeParse(JSON.parse(request)).data ?? null;
      memory.set(planId, sent);
      found.set(planId, sent);
    }
  }
  for (const oldest of memory.keys()) {
    if (memory.size <= MOST_REMEMBERED) break;
    memory.delete(oldest);
  }
  return found;
}

/** The last stage in which a stop has done nothing to its servers yet: it prepares, or waits for its statement or flush. */
const HARMLESS_STAGE = { stop: 4, force: 2, terminate: 3 } as const;

/** A run that ended before it did anything took nothing down: whatever is down after it crashed by itself. */
export const hasReachedServers = (method: OurStop["method"], stage: number): boolean => stage > HARMLESS_STAGE[method];

/** Whether a stop that ended in this stage may have done something; 0: nobody has seen how far it came. */
export const mayHaveActed = (method: OurStop["method"], stage: number): boolean =>
  stage === 0 || hasReachedServers(method, stage);

/** Remembers that targets of a stop are back. One that another process has noted meanwhile is noted the next time. */
export async function addBack(stop: Pick<OurStop, "planId" | "targets" | "back">, fresh: string[]): Promise<void> {
  if (fresh.length === 0) return;
  const back = [...stop.back, ...fresh];
  const isTakenBack = stop.targets.every((target) => back.includes(target));
  const { db } = await openStore();
  await db
    .updateTable("intent")
    .set({ back: JSON.stringify(back), ...(isTakenBack ? { zone_stop: 0 } : {}) })
    .where("plan_id", "=", stop.planId)
    .where("back", "=", JSON.stringify(stop.back))
    .execute();
}

/**
 * A start from here, sent in this turn, has started the zones of these servers: what stopped them before is taken back, as
 * far as anybody still remembers it (protocol §5.3).
 */
export async function noteZonesStarted(clusterId: string, servers: readonly string[], turn: number): Promise<void> {
  const started = new Set(servers);
  for (const stop of (await readOurStops(clusterId)).get(clusterId)?.stops ?? []) {
    if (!stop.isZoneStop || stop.turn >= turn) continue;
    await addBack(
      stop,
      stop.targets.filter((target) => started.has(target) && !stop.back.includes(target)),
    );
  }
}

/** A cluster is gone from here: whoever gets its id later has none of its servers. */
export async function forgetStops(clusterId: string, transaction: Database): Promise<void> {
  for (const stop of (await readOurStops(clusterId, transaction)).get(clusterId)?.stops ?? [])
    await transaction
      .updateTable("intent")
      .set({ back: JSON.stringify([...new Set([...stop.back, ...stop.targets])]) })
      .where("plan_id", "=", stop.planId)
      .execute();
  await transaction.updateTable("intent").set({ zone_stop: 0 }).where("cluster_id", "=", clusterId).execute();
}
