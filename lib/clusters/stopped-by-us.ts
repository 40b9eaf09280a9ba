import "server-only";
import { z } from "zod";
import { openStore } from "../db/store";

/** A server that was down longer than this is no longer told as "by us": who knows what has happened to it since. */
const REMEMBER_DAYS = 30;
const DAY_MS = 86_400_000;

/** What a stop has sent, in so far as it is read here. */
const requestSchema = z.object({ targets: z.array(z.string()) });

export interface OurStops {
  /** Servers that our accepted stops were about, by address, with the time of the newest. */
  targets: Map<string, string>;
  /** The stop that is not over. */
  going: "open" | "unknown" | "accepted" | null;
}

/** What this console has stopped lately, by cluster. */
export async function readOurStops(): Promise<Map<string, OurStops>> {
  const { db } = await openStore();
  const rows = await db
    .selectFrom("intent")
    .select(["cluster_id", "request", "state", "opened_at", "ended_at"])
    .where((where) =>
      where.or([
        where("ended_at", "is", null),
        where("opened_at", ">", new Date(Date.now() - REMEMBER_DAYS * DAY_MS).toISOString()),
      ]),
    )
    .orderBy("opened_at")
    .execute();
  const stops = new Map<string, OurStops>();
  for (const { cluster_id, request, state, opened_at, ended_at } of rows) {
    const ours = stops.get(cluster_id) ?? { targets: new Map<string, string>(), going: null };
    stops.set(cluster_id, ours);
    if (ended_at === null && state !== "none") ours.going = state;
    if (state !== "accepted") continue;
    for (const address of targetsOf(request)) ours.targets.set(address, opened_at);
  }
  return stops;
}

const targetsOf = (request: string): string[] => requestSchema.safeParse(JSON.parse(request)).data?.targets ?? [];
