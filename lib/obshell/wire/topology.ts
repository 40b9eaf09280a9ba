import { z } from "zod";
import { reportedClusterSchema, type ReportedCluster, type ReportedServer } from "../schema";
import { formatAddress, isAgentPort } from "../../address";
import { countBy, nameServers, type Listed, type ListedCluster } from "./name-servers";
import { isTimeSet, readTime, wireTime } from "./time";

const text = z.string().catch("");
const count = z.number().catch(0);
const list = <Item extends z.ZodType>(item: Item) =>
  z
    .array(item)
    .nullish()
    .transform((items) => items ?? []);

const agentAt = (ip: string, port: number): string | null => (isAgentPort(port) ? formatAddress(ip, port) : null);

const wireServer = z.object({
  ip: z.string(),
  svr_port: count,
  sql_port: count,
  obshell_port: count,
  with_rootserver: z.boolean().catch(false),
  /** "" before 4.4.1.0. */
  status: text,
  ob_status: z.number().nullish().catch(null),
  inner_status: text,
  start_time: z.unknown().optional(),
  stop_time: wireTime,
  local_task_id: text,
});

const wireZone = z.object({
  name: z.string(),
  region_name: text,
  idc_name: text,
  status: text,
  inner_status: text,
  servers: list(wireServer),
});

const wireTenant = z
  .object({ tenant_name: z.string(), tenant_id: count, status: text, locality: text, primary_zone: text })
  .transform((tenant) => ({
    name: tenant.tenant_name,
    id: tenant.tenant_id,
    status: tenant.status,
    locality: tenant.locality,
    primaryZone: tenant.primary_zone,
  }));

const serverFrom = (zone: string, server: z.output<typeof wireServer>): Listed => ({
  agent: agentAt(server.ip, server.obshell_port),
  zone,
  ip: server.ip,
  svrPort: server.svr_port,
  sqlPort: server.sql_port,
  status: server.status || null,
  innerStatus: server.inner_status,
  obState: server.ob_status ?? null,
  startedAt: readTime(server.start_time),
  // Without the database every time is zero, which says nothing (§4.4).
  hasBegunService: server.inner_status === "" ? null : isTimeSet(server.start_time),
  stoppedAt: server.stop_time,
  rootServer: server.with_rootserver,
  taskId: server.local_task_id || null,
});

/** `/obcluster/info`. Degraded answers, from the agents' local files, have no inner status anywhere (§4.4). */
export const clusterInfoFromWire = z
  .object({
    cluster_name: text,
    cluster_id: count,
    ob_version: text,
    zones: list(wireZone),
    tenants: z.array(wireTenant).nullish(),
  })
  .transform((cluster): ListedCluster => ({
    name: cluster.cluster_name,
    id: cluster.cluster_id,
    obVersion: cluster.ob_version,
    fromDatabase: cluster.zones.some((zone) => zone.inner_status !== ""),
    isWhole: true,
    zones: cluster.zones.map((zone) => ({
      name: zone.name,
      region: zone.region_name,
      idc: zone.idc_name,
      status: zone.status,
      innerStatus: zone.inner_status,
      servers: zone.servers.map((server) => serverFrom(zone.name, server)),
    })),
    tenants: cluster.tenants ?? null,
  }))
  .transform(nameServers)
  .pipe(reportedClusterSchema);

const wireObServer = z.object({
  svr_ip: z.string(),
  svr_port: count,
  sql_port: count,
  agent_port: count,
  with_rootserver: text,
  status: text,
});

/** `/ob/info`, which every version has: agents always, servers only while the database answers. */
export const obInfoFromWire = z.object({
  agent_info: list(z.object({ ip: z.string(), port: count, zone: text })),
  obcluster_info: z
    .object({
      id: count,
      name: text,
      version: text,
      topology: z.record(z.string(), list(wireObServer)).nullish().catch(null),
    })
    .nullish(),
});
export type ObInfo = z.output<typeof obInfoFromWire>;

/**
 * The agent of a server by its `ip:svrPort`, the one thing that `/obcluster/info` before 4.4.1.0 does not tell. Where the
 * database lists the server, its word is the last, also that it has none. Else a guess is safe only where a host has a
 * single agent and a single server; a wrong one would stop another server.
 */
function agentOfServer(info: ObInfo, servers: readonly { ip: string }[]) {
  const ports = new Map<string, number>();
  for (const server of Object.values(info.obcluster_info?.topology ?? {}).flat())
    ports.set(formatAddress(server.svr_ip, server.svr_port), server.agent_port);
  const agentOn = new Map(info.agent_info.map(({ ip, port }) => [ip, port]));
  const agentsOn = countBy(info.agent_info, ({ ip }) => ip);
  const serversOn = countBy(servers, ({ ip }) => ip);
  return (ip: string, svrPort: number): string | null => {
    const port = ports.get(formatAddress(ip, svrPort));
    if (port !== undefined) return agentAt(ip, port);
    const isAlone = agentsOn.get(ip) === 1 && serversOn.get(ip) === 1;
    return isAlone ? agentAt(ip, agentOn.get(ip) ?? 0) : null;
  };
}

/** Gives every server whose agent was not reported the one that `/ob/info` has for it. */
export function nameAgents(cluster: ReportedCluster, info: ObInfo): ReportedCluster {
  const agentOf = agentOfServer(
    info,
    cluster.zones.flatMap((zone) => zone.servers),
  );
  const listed = ({ address, agentless, ...server }: ReportedServer): Listed => ({
    ...server,
    agent: agentless === null ? address : agentOf(server.ip, server.svrPort),
  });
  return nameServers({
    ...cluster,
    zones: cluster.zones.map((zone) => ({ ...zone, servers: zone.servers.map(listed) })),
  });
}

/** Every server has the agent that was named for it; else `/ob/info` may know more. */
export const isFullyNamed = (cluster: ReportedCluster): boolean =>
  cluster.zones.every((zone) => zone.servers.every((server) => server.agentless !== "none"));

const unreported = { startedAt: null, hasBegunService: null, stoppedAt: null, obState: null, taskId: null };

/**
 * `/ob/info` as a cluster. Its server status is the database's, except that `STOPPED` (the stop time is set) hides it:
 * such a server is told as `SERVICE_STOPPED`, the word of later versions, since neither time nor raw status is known.
 */
export function clusterFromObInfo(info: ObInfo): ReportedCluster {
  const topology = info.obcluster_info?.topology ?? null;
  const servers: Listed[] = topology
    ? Object.entries(topology).flatMap(([zone, members]) =>
        members.map((server) => ({
          ...unreported,
          agent: agentAt(server.svr_ip, server.agent_port),
          zone,
          ip: server.svr_ip,
          svrPort: server.svr_port,
          sqlPort: server.sql_port,
          status: server.status === "STOPPED" ? "SERVICE_STOPPED" : null,
          innerStatus: server.status === "STOPPED" ? "" : server.status,
          rootServer: server.with_rootserver === "YES",
        })),
      )
    : info.agent_info.map((agent) => ({
        ...unreported,
        agent: agentAt(agent.ip, agent.port),
        zone: agent.zone,
        ip: agent.ip,
        svrPort: 0,
        sqlPort: 0,
        status: null,
        innerStatus: "",
        rootServer: false,
      }));
  const names = [...new Set(servers.map((server) => server.zone))].sort();
  return nameServers({
    name: info.obcluster_info?.name ?? "",
    id: info.obcluster_info?.id ?? 0,
    obVersion: info.obcluster_info?.version ?? "",
    fromDatabase: topology !== null,
    isWhole: false,
    zones: names.map((name) => ({
      name,
      region: "",
      idc: "",
      status: "",
      innerStatus: "",
      servers: servers.filter((server) => server.zone === name),
    })),
    tenants: null,
  });
}
