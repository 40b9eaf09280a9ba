import "server-only";
import { isAppError, type FailureKind } from "../errors";
import type { Caller } from "./caller";
import type { Deadline } from "./deadline";
import type { ReportedCluster } from "./schema";
import type { Session } from "./session";
import { clusterFromObInfo, clusterInfoFromWire, isFullyNamed, nameAgents, obInfoFromWire } from "./wire/topology";
import { supports } from "./wire/version";

/** How an agent puts it that its database, or a peer that it forwards to, did not let it answer. */
const DATABASE_IS_OUT: ReadonlySet<FailureKind> = new Set([
  "database-unavailable",
  "sql-refused",
  "agent-internal",
  "agent-refused",
  "peer-failed",
]);

/**
 * The cluster as this agent sees it: `/obcluster/info`, and `/ob/info` for what the version at hand lacks, which is
 * the whole route (before 4.3.0.0), agent ports and answers without a database (before 4.4.1.0); and in every version
 * when a statement behind it fails.
 */
export async function readCluster(call: Caller, session: Session, deadline: Deadline): Promise<ReportedCluster> {
  const obInfo = () => readObInfo(call, deadline);
  const version = await session.version(deadline.signal);
  if (!supports(version, "clusterInfo")) return clusterFromObInfo(await obInfo());
  let cluster: ReportedCluster;
  try {
    cluster = await call({ path: "/api/v1/obcluster/info", answer: clusterInfoFromWire }, deadline);
  } catch (error) {
    if (!isAppError(error) || !DATABASE_IS_OUT.has(error.kind)) throw error;
    return clusterFromObInfo(await obInfo());
  }
  return isFullyNamed(cluster) ? cluster : nameAgents(cluster, await obInfo());
}

/**
 * The members alone, from `/ob/info`: no zone status, no tenants, no times. The agent asks its own database for it and
 * nobody else, so a hung peer does not hold it up (protocol §4.1).
 */
export const readMembers = async (call: Caller, deadline: Deadline): Promise<ReportedCluster> =>
  clusterFromObInfo(await readObInfo(call, deadline));

const readObInfo = (call: Caller, deadline: Deadline) =>
  call({ path: "/api/v1/ob/info", answer: obInfoFromWire }, deadline);
