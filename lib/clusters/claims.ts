import "server-only";
import { canonicalAddress } from "../address";
import { openStore } from "../db/store";
import type { Database } from "../db/tables";
import { AppError } from "../errors";
import { hasAgent } from "./has-agent";
import { findCluster, listClusters } from "./registry";
import { glimpse } from "./topology";

/**
 * What no two registrations share: otherwise the environment and the two-person rule of one would not be those of the
 * other, for the same servers or under the same name on a screen.
 */
interface Wanted {
  name: string;
  /** As typed. */
  agents: readonly string[];
  /** As the agents themselves name them; none when nobody told. */
  members?: readonly string[];
  /** What the agents that were typed call themselves, whatever address leads to them. */
  selves?: readonly string[];
}

/** As people tell names apart. */
const asRead = (name: string): string => name.trim().normalize("NFKC").toLowerCase();
const NAME = "name ";
const AGENT = "agent ";
const claimsOf = ({ name, agents, members = [], selves = [] }: Wanted): string[] => {
  const addresses = [...agents, ...members, ...selves].map((agent) => AGENT + canonicalAddress(agent));
  return [...new Set([NAME + asRead(name), ...addresses])].sort();
};

/** Whether an agent is typed that was not before. */
export function isMoved({ agents }: Wanted, own: Wanted | null): boolean {
  const before = new Set(own?.agents.map(canonicalAddress));
  return agents.some((agent) => !before.has(canonicalAddress(agent)));
}

// `seen`: the gate takes the name and the id out for whoever may not see that cluster.
const nameTaken = (name: string, id: string) =>
  new AppError("cluster-name-taken", { params: { name, id, seen: "yes" } });
const registered = (name: string, id: string, list: readonly string[]) =>
  new AppError("cluster-registered", { params: { name, id, list: list.join(", "), seen: "yes" } });

/**
 * Compares with every registered cluster, as far as this process knows its agents: registered, or seen as members.
 * `own` is what the cluster had before, which stays its own. Throws `cluster-name-taken`, `cluster-registered`.
 */
export function requireFree(id: string, wanted: Wanted, own: Wanted | null = null): void {
  const kept = new Set(own ? claimsOf(own) : []);
  const fresh = new Set(claimsOf(wanted).filter((claim) => !kept.has(claim)));
  for (const other of listClusters().filter((cluster) => cluster.id !== id)) {
    if (fresh.has(NAME + asRead(other.name))) throw nameTaken(other.name, other.id);
    const members = glimpse(other.id).topology?.zones.flatMap((zone) => zone.servers.filter(hasAgent)) ?? [];
    const all = new Set([...findCluster(other.id).agents, ...members.map(({ address }) => address)]);
    const shared = [...all].filter((agent) => fresh.has(AGENT + canonicalAddress(agent)));
    if (shared.length > 0) throw registered(other.name, other.id, shared);
  }
}

/**
 * Takes them for this cluster in the same transaction as its row; the store lets one of two have each. `own` is what it
 * had before: where another cluster has had the same for long, that is left as it is. Members that it held stay its own
 * until its agents name others. Throws what a unique index throws.
 */
export async function takeClaims(id: string, wanted: Wanted, own: Wanted | null, transaction: Database): Promise<void> {
  const claims = claimsOf(wanted);
  const kept = new Set(own ? claimsOf(own) : []);
  const isTold = (wanted.members ?? []).length > 0;
  const rows = transaction.selectFrom("cluster_claim").select("claim").where("cluster_id", "=", id);
  const held = (await rows.execute()).map(({ claim }) => claim);
  const dropped = held.filter((claim) => !claims.includes(claim) && (isTold || kept.has(claim)));
  if (dropped.length > 0)
    await transaction.deleteFrom("cluster_claim").where("cluster_id", "=", id).where("claim", "in", dropped).execute();
  // Who types no other agent asks for none: a member that another cluster holds stays with that one.
  const isOwn = (claim: string) => kept.has(claim) || (claim.startsWith(AGENT) && !isMoved(wanted, own));
  for (const claim of claims.filter((one) => !held.includes(one))) {
    const insert = transaction.insertInto("cluster_claim").values({ claim, cluster_id: id });
    await (isOwn(claim) ? insert.onConflict((conflict) => conflict.doNothing()) : insert).execute();
  }
}

/** Who was quicker; null when nobody holds any of these. */
export async function whoHas(id: string, wanted: Wanted): Promise<AppError | null> {
  const { db } = await openStore();
  const rows = await db
    .selectFrom("cluster_claim")
    .innerJoin("cluster", "cluster.id", "cluster_claim.cluster_id")
    .select(["claim", "cluster.id", "cluster.name"])
    .where("claim", "in", claimsOf(wanted))
    .where("cluster_id", "!=", id)
    .orderBy("claim", "desc")
    .execute();
  const [first] = rows;
  if (!first) return null;
  if (first.claim.startsWith(NAME)) return nameTaken(first.name, first.id);
  const shared = rows.filter((row) => row.id === first.id).map(({ claim }) => claim.slice(AGENT.length));
  return registered(first.name, first.id, shared.toReversed());
}
