import "server-only";
import { appendLine } from "../audit/journal";
import { decide } from "../db/cluster-lock";
import { isDuplicate } from "../db/engine";
import { storeNowMs } from "../db/store-clock";
import type { Database } from "../db/tables";
import { AppError } from "../errors";
import { log } from "../log";
import { isMoved, requireFree, takeClaims, whoHas } from "./claims";
import { forgetKeysBut, rememberKeys } from "./known-keys";
import { membersBehind } from "./members-behind";
import { refreshClusters } from "./refresh-clusters";
import { decideChange, noteChanged } from "./registered";
import { describeCluster } from "./describe";
import { findCluster, listClusters, shadowedClusters } from "./registry";
import type { ClusterDraft } from "./schema";
import { forgetAside } from "./set-aside";
import { forgetStops } from "./stopped-by-us";
import { rowOfCluster } from "./stored-clusters";
import { typedCredentials } from "./typed-credentials";
import { isNameTyped } from "./typed-name";

/** What a run did to its servers is on record this long after its end, unless they stay silent. */
const REPORT_MS = 2 * 60_000;

/** Writes the end of the audit entry as the last step of the change's transaction: without the one there is not the other. */
type Tell = (transaction: Database) => Promise<void>;

/** Registers a cluster. Throws `cluster-exists`, `cluster-name-taken`, and `cluster-registered` for one that is there already. */
export async function addCluster(
  draft: ClusterDraft & { clusterId: string },
  by: string,
  tell?: Tell,
): Promise<{ clusterId: string }> {
  const { clusterId: id } = draft;
  const taken = () => new AppError("cluster-exists", { params: { name: id } });
  await refreshClusters();
  if (listClusters().some((cluster) => cluster.id === id)) throw taken();
  const credentials = await typedCredentials(draft, null);
  requireFree(id, draft);
  const wanted = { ...draft, ...(await membersBehind(draft.agents, credentials, null)) };
  requireFree(id, wanted);
  const row = await rowOfCluster({ id, ...draft, credentials }, by);
  try {
    await decide(id, async (transaction, turn) => {
      await transaction.insertInto("cluster").values(row).execute();
      await transaction.updateTable("cluster_turn").set({ removed_turn: 0 }).where("cluster_id", "=", id).execute();
      await noteChanged(id, turn, transaction);
      await takeClaims(id, wanted, null, transaction);
      await tell?.(transaction);
    });
  } catch (error) {
    throw isDuplicate(error) ? ((await whoHas(id, wanted)) ?? taken()) : error;
  }
  await showChange(id);
  return { clusterId: id };
}

/**
 * Changes a cluster of the store. Throws `cluster-in-file`, `credentials-lost`, `password-needed`, and what a registration
 * throws for a name or an agent that it did not have before.
 */
export async function changeCluster(
  draft: ClusterDraft & { clusterId: string },
  by: string,
  tell?: Tell,
): Promise<{ clusterId: string }> {
  await refreshClusters(); // what is kept is what stands in the store now
  const { clusterId: id } = draft;
  const before = findCluster(id);
  if (before.source === "file") throw new AppError("cluster-in-file", { params: { name: before.name } });
  const credentials = await typedCredentials(draft, before);
  requireFree(id, draft, before);
  const wanted = { ...draft, ...(await membersBehind(draft.agents, credentials, id)) };
  if (isMoved(draft, before)) requireFree(id, wanted, before);
  const { id: _id, ...row } = await rowOfCluster({ id, ...draft, credentials }, by);
  try {
    await decideChange(id, async (transaction) => {
      await transaction.updateTable("cluster").set(row).where("id", "=", id).execute();
      await takeClaims(id, wanted, before, transaction);
      const { agents, members } = wanted;
      if (members.length > 0) await forgetKeysBut(id, [...agents, ...members], transaction);
      await rememberKeys(id, credentials.proven ?? new Map(), transaction);
      await tell?.(transaction);
    });
  } catch (error) {
    throw (isDuplicate(error) && (await whoHas(id, wanted))) || error;
  }
  await showChange(id);
  return { clusterId: id };
}

/**
 * Forgets a cluster of the store, its agents' keys and the roles that were given on it alone, so that whoever gets its id
 * later is nobody's; also one that the configuration file hides, whose keys and roles are the file's. Its audit stays, and
 * the end of this attempt is written with it. Throws `stop-in-progress` while a stop of it is not over, and for as long
 * after as its servers may report.
 */
export async function removeCluster(
  { clusterId, typedName }: { clusterId: string; typedName: string },
  { person, attemptId, requireStill }: { person: { name: string }; attemptId: string; requireStill?: Tell },
): Promise<null> {
  const { name, source } = findCluster(clusterId);
  const isHidden = shadowedClusters().includes(clusterId);
  if (source === "file" && !isHidden) throw new AppError("cluster-in-file", { params: { name } });
  if (!isNameTyped(typedName, name)) throw new AppError("confirmation-missing");
  const opening = describeCluster("cluster.remove", clusterId);
  await decide(clusterId, async (transaction, turn) => {
    // Servers that are gone for good report nothing; they must not keep their cluster here.
    const reportingSince = new Date((await storeNowMs(transaction)) - REPORT_MS).toISOString();
    const going = await transaction
      .selectFrom("intent")
      .select("plan_id")
      .where("cluster_id", "=", clusterId)
      .where("recorded_at", "is", null)
      .where(({ or, eb }) => or([eb("ended_at", "is", null), eb("ended_at", ">", reportingSince)]))
      .executeTakeFirst();
    await requireStill?.(transaction);
    if (going && !isHidden) throw new AppError("stop-in-progress");
    const removed = await transaction.deleteFrom("cluster").where("id", "=", clusterId).executeTakeFirst();
    if (removed.numDeletedRows === 0n) throw new AppError("cluster-unknown", { params: { name: clusterId } });
    await transaction
      .updateTable("cluster_turn")
      .set({ removed_turn: turn })
      .where("cluster_id", "=", clusterId)
      .execute();
    await transaction.deleteFrom("cluster_claim").where("cluster_id", "=", clusterId).execute();
    const roles = isHidden ? [] : await forgetWhatHangsOn(clusterId, transaction);
    if (!isHidden) await forgetStops(clusterId, transaction);
    const detail = roles.length > 0 ? { text: `roles taken: ${roles.join(", ")}` } : {};
    await appendLine({ ...opening, id: attemptId, by: person.name, event: "accepted", detail }, transaction);
  });
  await showChange(clusterId);
  return null;
}

/** Shows what is committed in this process now. That it cannot is no failure of the change: the next look comes by itself. */
const showChange = (clusterId: string): Promise<void> =>
  refreshClusters().catch((error: unknown) =>
    log.warn({ clusterId, err: error }, "a change is committed; this process shows it a moment later"),
  );

/** Deletes its agents' keys, who is set aside and its roles; who had which, as people read it. */
async function forgetWhatHangsOn(clusterId: string, transaction: Database): Promise<string[]> {
  await transaction.deleteFrom("known_key").where("cluster_id", "=", clusterId).execute();
  await forgetAside(clusterId, transaction);
  const grants = await transaction
    .selectFrom("role_grant")
    .leftJoin("user", "user.id", "role_grant.user_id")
    .select(["user_id", "username", "role"])
    .where("level", "=", "cluster")
    .where("target", "=", clusterId)
    .orderBy("username")
    .execute();
  await transaction.deleteFrom("role_grant").where("level", "=", "cluster").where("target", "=", clusterId).execute();
  return grants.map(({ user_id, username, role }) => `${username ?? user_id} (${role})`);
}

/** What a change changes, for the audit: names of fields, and values of those that are no secret. */
export function describeChange(draft: ClusterDraft & { clusterId: string }): string {
  const before = findCluster(draft.clusterId);
  const { tls } = before;
  const isOther = {
    [`name ${before.name} → ${draft.name}`]: before.name !== draft.name,
    [`environment ${before.environment} → ${draft.environment}`]: before.environment !== draft.environment,
    [`agents ${draft.agents.join(" ")}`]: before.agents.join() !== draft.agents.join(),
    [`two-person rule ${draft.twoPerson ? "on" : "off"}`]: before.twoPerson !== draft.twoPerson,
    password: draft.password !== null,
    TLS: draft.tls?.ca !== tls?.ca || (draft.tls?.cert ?? "") !== (tls?.cert ?? "") || Boolean(draft.tls?.key),
  };
  return Object.keys(isOther)
    .filter((field) => isOther[field])
    .join(", ");
}
