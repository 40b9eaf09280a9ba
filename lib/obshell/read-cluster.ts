import "server-only";
import { isAppError, type FailureKind } from "../errors";
import type { Caller } from "./caller";
import type { Deadline } from "./deadline";
import type { ReportedCluster } from "./schema";
import type { Session } from "./session";
import { clusterFromObInfo, clusterInfoFromWire, isFullyNamed, nameAgents, obInfoFromWire } from "./wire/topology";
import { supports } from "./wire/version";

/** How the versions that cannot report a cluster while its database is down put that. */
const DATABASE_IS_OUT: ReadonlySet<FailureKind> = new Set([
  "database-unavailable",
  "sql-refused",
  "agent-internal",
  "agent-refused",
  "peer-failed",
]);

/**
 * The cluster as this agent sees it: `/obcluster/info`, and `/ob/info` for what the version at hand lacks, which is
 * the whole route (before 4.3.0.0), agent ports and answers without a database (before 4.4.1.0).
 */
export async function readCluster(call: Caller, session: Session, deadline: Deadline): Promise<ReportedCluster> {
  const obInfo = () => call({ path: "/api/v1/ob/info", answer: obInfoFromWire }, deadline);
  const version = await session.version(deadline.signal);
  if (!supports(version, "clusterInfo")) return clusterFromObInfo(await obInfo());
  let cluster: ReportedCluster;
  try {
    cluster = await call({ path: "/api/v1/obcluster/info", answer: clusterInfoFromWire }, deadline);
  } catch (error) {
    const mayAnswerLess = isAppError(error) && DATABASE_IS_OUT.has(error.kind);
    if (!mayAnswerLess || supports(version, "degradedClusterInfo")) throw error;
    return clusterFromObInfo(await obInfo());
  }
  return isFullyNamed(cluster) ? cluster : nameAgents(cluster, await obInfo());
}
