import "server-only";
import { appendLine } from "../audit/journal";
import { storeNow } from "../db/store-clock";
import type { Database } from "../db/tables";
import { AppError } from "../errors";
import { describeCluster } from "./describe";
import { whyNotGone } from "./gone-member";
import { decideChange } from "./registered";
import type { Server, SettingAside, TakingBack, Topology } from "./schema";
import { dropAside, memberOf, readAside } from "./set-aside";
import { glimpse, lookOnce, readTopology } from "./topology";

interface Acting {
  person: { name: string };
  attemptId: string;
  requireStill?: ((transaction: Database) => Promise<void>) | undefined;
}

const findMember = ({ zones }: Topology, name: string): Server => {
  const server = zones.flatMap((zone) => zone.servers).find(({ address }) => address === name);
  if (!server) throw new AppError("target-unknown", { params: { what: name } });
  return server;
};

/**
 * Leaves a member out of the majority verdict from now on, if a look at the cluster of this moment bears it out. Its record
 * is committed with it. Throws `target-unknown`, `member-not-gone`, and `member-aside` when that was done before.
 */
export async function setMemberAside(
  { clusterId, server: name, reason }: SettingAside,
  { person, attemptId, requireStill }: Acting,
): Promise<null> {
  const topology = await readTopology(clusterId, { maxAgeMs: 0 });
  const server = findMember(topology, name);
  const why = whyNotGone(server, topology);
  if (why !== null) throw new AppError("member-not-gone", { params: { server: name, why } });
  await addAside(clusterId, { member: memberOf(server), server: name, reason }, { person, attemptId, requireStill });
  await lookOnce(clusterId);
  return null;
}

/** The word itself. Throws `member-aside`. */
export async function addAside(
  clusterId: string,
  aside: { member: string; server: string; reason: string },
  { person, attemptId, requireStill }: Acting,
): Promise<void> {
  const row = { cluster_id: clusterId, ...aside, person: person.name };
  const opening = describeCluster("member.set-aside", clusterId);
  const add = async (transaction: Database) => {
    const added = await transaction
      .insertInto("set_aside")
      .values({ ...row, since: await storeNow(transaction) })
      .onConflict((conflict) => conflict.columns(["cluster_id", "member"]).doNothing())
      .returning("member")
      .executeTakeFirst();
    if (!added) throw new AppError("member-aside", { params: { server: aside.server } });
    await appendLine({ ...opening, id: attemptId, by: person.name, event: "accepted" }, transaction);
  };
  await decideChange(clusterId, add, requireStill);
}

/** Lets a member count again, whatever has become of it. Throws `member-not-aside`. */
export async function takeMemberBack(
  { clusterId, server: name }: TakingBack,
  { person, attemptId, requireStill }: Acting,
): Promise<null> {
  const servers = glimpse(clusterId).topology?.zones.flatMap((zone) => zone.servers) ?? [];
  const found = servers.find(({ address }) => address === name);
  const member = found ? memberOf(found) : (await readAside(clusterId)).find(({ server }) => server === name)?.member;
  const opening = describeCluster("member.take-back", clusterId);
  const drop = async (transaction: Database) => {
    if (member === undefined || !(await dropAside(clusterId, member, transaction)))
      throw new AppError("member-not-aside", { params: { server: name } });
    await appendLine({ ...opening, id: attemptId, by: person.name, event: "accepted" }, transaction);
  };
  await decideChange(clusterId, drop, requireStill);
  await lookOnce(clusterId);
  return null;
}
