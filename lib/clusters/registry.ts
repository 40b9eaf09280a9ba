import "server-only";
import { config, type ClusterConfig } from "../config";
import { AppError } from "../errors";
import { createAgentClient, type AgentClient } from "../obshell/client";
import { createTransport, type Transport } from "../obshell/transport";
import { singleton } from "../singleton";
import type { ClusterCard } from "./schema";

const connections = () =>
  singleton(
    "clusters.connections",
    () => new Map<string, { transport: Transport; clients: Map<string, AgentClient> }>(),
  );

/** Every registered cluster, without anything secret. */
export const listClusters = (): ClusterCard[] =>
  config().clusters.map(({ id, name, environment }) => ({ id, name, environment }));

/** The configuration of a cluster, password included: never hand it to a page. Throws `cluster-unknown`. */
export function findCluster(clusterId: string): ClusterConfig {
  const cluster = config().clusters.find((candidate) => candidate.id === clusterId);
  if (!cluster) throw new AppError("cluster-unknown", { params: { name: clusterId } });
  return cluster;
}

export function clusterCard(clusterId: string): ClusterCard {
  const { id, name, environment } = findCluster(clusterId);
  return { id, name, environment };
}

/** The one client of an agent in this process. No I/O. */
export function agentOf(clusterId: string, address: string): AgentClient {
  const { tls, password } = findCluster(clusterId);
  let connection = connections().get(clusterId);
  if (!connection) {
    connection = { transport: createTransport({ tls }), clients: new Map() };
    connections().set(clusterId, connection);
  }
  let client = connection.clients.get(address);
  if (!client) {
    client = createAgentClient({ address, transport: connection.transport, password });
    connection.clients.set(address, client);
  }
  return client;
}
