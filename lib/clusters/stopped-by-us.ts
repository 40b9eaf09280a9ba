import "server-only";
import { z } from "zod";
import { openStore } from "../db/store";
import { scopeSchema } from "../obshell/schema";
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
  /** Targets that were seen serving after it. */
  back: string[];
}

export interface OurStops {
  /** The newest first. */
  stops: OurStop[];
  /** The run that is not over. */
  going: "open" | "unknown" | "accepted" | null;
}

/** What this console has stopped lately, by cluster. */
export async function readOurStops(clusterId?: string): Promise<Map<string, OurStops>> {
  const { db } = await openStore();
  const newest = new Date(Date.now() - REMEMBER_DAYS * DAY_MS).toISOString();
  let query = db
    .selectFrom("intent")
    .selectAll()
    .where("kind", "=", "run")
    .where((where) => where.or([where("ended_at", "is", null), where("opened_at", ">", newest)]));
  if (clusterId !== undefined) query = query.where("cluster_id", "=", clusterId);
  const rows = await query.orderBy("opened_at", "desc").execute();
  const found = new Map<string, OurStops>();
  for (const row of rows) {
    const ours = found.get(row.cluster_id) ?? { stops: [], going: null };
    found.set(row.cluster_id, ours);
    if (row.ended_at === null && row.state !== "none") ours.going = row.state;
    const request = requestSchema.safeParse(JSON.parse(row.request)).data;
    if (row.state !== "accepted" || row.run_id === null || request?.action !== "stop" || !request.method) continue;
    ours.stops.push({
      ...{ planId: row.plan_id, runId: row.run_id, person: row.person, since: row.opened_at, endedAt: row.ended_at },
      ...{ method: request.method, scope: request.scope || "SERVER", targets: request.targets },
      back: z.array(z.string()).parse(JSON.parse(row.back)),
    });
  }
  return found;
}

const BACK: ReadonlySet<Server["state"]> = new Set(["SERVING"]);
const COMING: ReadonlySet<Server["state"]> = new Set(["SERVING", "STARTING"]);

/** Servers that are down since a stop of ours, each told once, at the newest stop that was about it. Pure. */
export function downOf(ours: OurStops | undefined, topology: Topology | null): { stop: OurStop; servers: Server[] }[] {
  const servers = topology?.zones.flatMap((zone) => zone.servers) ?? [];
  const left = new Map(servers.map((server) => [server.address, server]));
  return (ours?.stops ?? []).flatMap((stop) => {
    const down = stop.targets.flatMap((address) => {
      const server = left.get(address);
      left.delete(address);
      const isDown = server && stop.endedAt !== null && !COMING.has(server.state) && !stop.back.includes(address);
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
