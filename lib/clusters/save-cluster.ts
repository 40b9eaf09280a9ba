import "server-only";
import { createPrivateKey, X509Certificate } from "node:crypto";
import { isDuplicate } from "../db/engine";
import { openStore } from "../db/store";
import { AppError } from "../errors";
import { refreshClusters } from "./refresh-clusters";
import { findCluster, listClusters, shadowedClusters, type Credentials } from "./registry";
import type { ClusterDraft } from "./schema";
import { rowOfCluster } from "./stored-clusters";

/**
 * The credentials that were typed, with what was left empty taken from `before`. Throws `pem-invalid`, and
 * `credentials-lost` when something is to be kept that cannot be opened.
 */
export function credentialsOf(
  draft: ClusterDraft,
  before: { name: string; credentials: Credentials | null } | null,
): Credentials {
  const kept = (): Credentials => {
    if (before?.credentials) return before.credentials;
    throw before
      ? new AppError("credentials-lost", { params: { name: before.name } })
      : new AppError("input-invalid", { params: { what: "password" } });
  };
  const password = draft.password ?? kept().password;
  if (draft.tls === null) return { password, tls: null };
  const { ca, cert } = draft.tls;
  const key = cert === "" ? "" : (draft.tls.key ?? kept().tls?.key ?? "");
  requirePem(ca, cert, key);
  return { password, tls: cert === "" ? { ca } : { ca, cert, key } };
}

function requirePem(ca: string, cert: string, key: string): void {
  const read = <T>(what: string, parse: () => T): T => {
    try {
      return parse();
    } catch (cause) {
      throw new AppError("pem-invalid", { params: { what } }, { cause });
    }
  };
  read("ca", () => new X509Certificate(ca));
  if (cert === "" && key === "") return;
  const certificate = read("cert", () => new X509Certificate(cert));
  const fits = read("key", () => certificate.checkPrivateKey(createPrivateKey(key)));
  if (!fits) throw new AppError("pem-invalid", { params: { what: "key" } });
}

/** Registers a cluster. Throws `cluster-exists`. */
export async function addCluster(
  draft: ClusterDraft & { clusterId: string },
  by: string,
): Promise<{ clusterId: string }> {
  const { clusterId: id } = draft;
  const taken = () => new AppError("cluster-exists", { params: { name: id } });
  if (listClusters().some((cluster) => cluster.id === id)) throw taken();
  const row = await rowOfCluster({ id, ...draft, credentials: credentialsOf(draft, null) }, by);
  const { db } = await openStore();
  try {
    await db.insertInto("cluster").values(row).execute();
  } catch (error) {
    throw isDuplicate(error) ? taken() : error;
  }
  await refreshClusters();
  return { clusterId: id };
}

/** Changes a cluster of the store. Throws `cluster-in-file`, `credentials-lost`. */
export async function changeCluster(
  draft: ClusterDraft & { clusterId: string },
  by: string,
): Promise<{ clusterId: string }> {
  await refreshClusters(); // what is kept is what stands in the store now
  const { clusterId: id } = draft;
  const before = findCluster(id);
  if (before.source === "file") throw new AppError("cluster-in-file", { params: { name: before.name } });
  const { id: _id, ...row } = await rowOfCluster({ id, ...draft, credentials: credentialsOf(draft, before) }, by);
  const { db } = await openStore();
  await db.updateTable("cluster").set(row).where("id", "=", id).execute();
  await refreshClusters();
  return { clusterId: id };
}

/**
 * Forgets a cluster of the store and its agents' keys; also one that the configuration file hides. Its audit stays.
 * Throws `stop-in-progress` while a stop of it is not over.
 */
export async function removeCluster({ clusterId, typedName }: { clusterId: string; typedName: string }): Promise<null> {
  const { name, source } = findCluster(clusterId);
  const isHidden = shadowedClusters().includes(clusterId);
  if (source === "file" && !isHidden) throw new AppError("cluster-in-file", { params: { name } });
  if (typedName !== name) throw new AppError("confirmation-missing");
  const { db } = await openStore();
  await db.transaction().execute(async (transaction) => {
    const going = await transaction
      .selectFrom("intent")
      .select("plan_id")
      .where("cluster_id", "=", clusterId)
      .where("ended_at", "is", null)
      .executeTakeFirst();
    if (going && !isHidden) throw new AppError("stop-in-progress");
    await transaction.deleteFrom("cluster").where("id", "=", clusterId).execute();
    if (!isHidden) await transaction.deleteFrom("known_key").where("cluster_id", "=", clusterId).execute();
  });
  await refreshClusters();
  return null;
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
