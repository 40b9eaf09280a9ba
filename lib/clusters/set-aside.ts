import "server-only";
import { appendLine } from "../audit/journal";
import { decide } from "../db/cluster-lock";
import { openStore } from "../db/store";
import type { Database } from "../db/tables";
import { log } from "../log";
import { formatAddress } from "../address";
import { singleton } from "../singleton";
import { describeCluster } from "./describe";
import { whyBack } from "./gone-member";
import { noteChanged } from "./registered";
import type { Aside, Server, Topology } from "./schema";

/** Who a member is, whatever agent it has: where its observer listens. */
export const memberOf = ({ ip, svrPort, address }: Server): string =>
  svrPort > 0 ? formatAddress(ip, svrPort) : address;

/** As it was said, of whom. */
export interface AsideRow extends Aside {
  member: string;
  server: string;
}
const lastRead = () => singleton("clusters.set-aside", () => new Map<string, readonly AsideRow[]>());

/** Who is set aside on this cluster. While the store is away, as it was last read: nothing is sent meanwhile. */
export async function readAside(clusterId: string): Promise<readonly AsideRow[]> {
  try {
    const { db } = await openStore();
    const rows = await db.selectFrom("set_aside").selectAll().where("cluster_id", "=", clusterId).execute();
    const found = rows.map(({ member, server, person, reason, since }) => ({
      member,
      server,
      by: person,
      reason,
      since,
    }));
    lastRead().set(clusterId, found);
    return found;
  } catch (error) {
    log.warn({ clusterId, err: error }, "members that are set aside could not be read");
    return lastRead().get(clusterId) ?? [];
  }
}

/** Where ports are not told, as without a database, the name that it had tells who it is. */
const isOf =
  (server: Server) =>
  (row: AsideRow): boolean =>
    row.member === memberOf(server) || (server.svrPort === 0 && row.server === server.address);

/** The picture with its members that are set aside and are not there again. Pure. */
export function markAside(topology: Topology, rows: readonly AsideRow[]): Topology {
  if (rows.length === 0) return topology;
  const marked = (server: Server): Server => {
    const row = rows.find(isOf(server));
    if (!row || whyBack(server) !== null) return server;
    return { ...server, setAside: { by: row.by, since: row.since, reason: row.reason } };
  };
  return { ...topology, zones: topology.zones.map((zone) => ({ ...zone, servers: zone.servers.map(marked) })) };
}

/**
 * One that is there again, or has left the cluster, is set aside no more, whatever becomes of it later: that is put on
 * record here, by whichever process sees it first.
 */
export async function endAside(topology: Topology, rows: readonly AsideRow[]): Promise<void> {
  const servers = topology.zones.flatMap((zone) => zone.servers);
  for (const row of rows) {
    const server = servers.find((one) => isOf(one)(row));
    const why = server ? whyBack(server) : topology.databaseReachable ? "left" : null;
    if (why !== null) await end(topology.cluster.id, row, why);
  }
}

/** As the audit has it, which is English. */
const ENDED = {
  answers: "its agent answers again",
  active: "the database calls it active again",
  left: "it has left the cluster",
} as const;

async function end(clusterId: string, row: AsideRow, why: keyof typeof ENDED): Promise<void> {
  const { server } = row;
  try {
    const opening = describeCluster("member.take-back", clusterId, { targets: [server], text: ENDED[why] });
    await decide(clusterId, async (transaction, turn) => {
      if (!(await dropAside(clusterId, row.member, transaction))) return;
      await noteChanged(clusterId, turn, transaction);
      await appendLine({ ...opening, by: "console", event: "accepted" }, transaction);
    });
  } catch (error) {
    // The picture counts it as it is; the record is tried again with the next look.
    log.warn({ clusterId, server, err: error }, "a member is set aside no more, and that could not be recorded");
  }
}

/** False: it was gone already, so somebody else has ended it. */
export async function dropAside(clusterId: string, member: string, transaction: Database): Promise<boolean> {
  const found = await transaction
    .deleteFrom("set_aside")
    .where("cluster_id", "=", clusterId)
    .where("member", "=", member)
    .returning("member")
    .executeTakeFirst();
  return found !== undefined;
}

/** A cluster is gone from here: whoever gets its id later has none of its members. */
export async function forgetAside(clusterId: string, transaction: Database): Promise<void> {
  await transaction.deleteFrom("set_aside").where("cluster_id", "=", clusterId).execute();
}
