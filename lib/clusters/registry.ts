import "server-only";
import { config } from "../config";
import { AppError } from "../errors";
import { createAgentClient, type AgentClient } from "../obshell/client";
import { createTransport, type Transport } from "../obshell/transport";
import { singleton } from "../singleton";
import { requireKnownKey } from "./known-keys";
import { withRules } from "./request-rules";
import type { ClusterCard } from "./schema";

/** What opens a cluster's agents. */
export interface Credentials {
  password: string;
  tls: { ca: string; cert?: string | undefined; key?: string | undefined } | null;
  /** Other addresses of known agents, by the public key that proved it: there the password is sealed with that key alone. */
  proven?: ReadonlyMap<string, string>;
}

/** A cluster as the server side knows it. The object is replaced when anything about it changes. */
export interface RegisteredCluster extends ClusterCard {
  agents: string[];
  /** What of the TLS material is no secret; null for plain HTTP. */
  tls: { ca: string; cert: string } | null;
  /** null: they are sealed with a key that is not at hand. */
  credentials: Credentials | null;
}

interface Picture {
  file: ReadonlyMap<string, RegisteredCluster>;
  stored: ReadonlyMap<string, RegisteredCluster>;
  /** Ids of the store that the configuration file has as well: the file wins, and the overview says so. */
  shadowed: string[];
}

/** Clusters of the file are there at once; those of the store come with the first `refreshClusters`. */
const picture = () =>
  singleton("clusters.picture", (): Picture => ({ file: new Map(fromFile()), stored: new Map(), shadowed: [] }));

const fromFile = (): [string, RegisteredCluster][] =>
  config().clusters.map(({ password, tls, ...cluster }) => [
    cluster.id,
    {
      ...cluster,
      source: "file",
      tls: tls && { ca: tls.ca, cert: tls.cert ?? "" },
      credentials: { password, tls },
    },
  ]);

interface Connection {
  of: RegisteredCluster;
  transport: Transport;
  clients: Map<string, AgentClient>;
}

const connections = () => singleton("clusters.connections", () => new Map<string, Connection>());

const cardOf = ({ id, name, environment, twoPerson, source }: RegisteredCluster): ClusterCard => ({
  id,
  name,
  environment,
  twoPerson,
  source,
});

const everyCluster = (): RegisteredCluster[] => [...picture().file.values(), ...picture().stored.values()];

/** Every registered cluster, without anything secret: those of the file in its order, then those of the store. */
export const listClusters = (): ClusterCard[] => everyCluster().map(cardOf);

/** The cluster with its credentials: never hand it to a page. Throws `cluster-unknown`. */
export function findCluster(clusterId: string): RegisteredCluster {
  const cluster = picture().file.get(clusterId) ?? picture().stored.get(clusterId);
  if (!cluster) throw new AppError("cluster-unknown", { params: { name: clusterId } });
  return cluster;
}

export const clusterCard = (clusterId: string): ClusterCard => cardOf(findCluster(clusterId));

export const shadowedClusters = (): readonly string[] => picture().shadowed;

/** The clusters of the store as they were last read. */
export const storedClusters = (): ReadonlyMap<string, RegisteredCluster> => picture().stored;

/** Puts what the store holds now in place of what it held before, and lets go of connections that are no longer right. */
export function replaceStored(found: readonly RegisteredCluster[]): void {
  const now = picture();
  now.shadowed = found.filter(({ id }) => now.file.has(id)).map(({ id }) => id);
  now.stored = new Map(found.filter(({ id }) => !now.file.has(id)).map((cluster) => [cluster.id, cluster]));
  for (const [id, connection] of connections()) {
    if ((now.file.get(id) ?? now.stored.get(id)) !== connection.of) disconnect(id, connection);
  }
}

function disconnect(id: string, { transport }: Connection): void {
  connections().delete(id);
  transport.close().catch(() => undefined); // reads under way fail, which is what a changed cluster is to do to them
}

/** The one client of an agent in this process. No I/O. Throws `credentials-lost`. */
export function agentOf(clusterId: string, address: string): AgentClient {
  const cluster = findCluster(clusterId);
  const { credentials } = cluster;
  if (!credentials) throw new AppError("credentials-lost", { params: { name: cluster.name } });
  let connection = connections().get(clusterId);
  if (connection && connection.of !== cluster) disconnect(clusterId, connection);
  if (!connection || connection.of !== cluster) {
    connection = { of: cluster, transport: createTransport({ tls: credentials.tls }), clients: new Map() };
    connections().set(clusterId, connection);
  }
  let client = connection.clients.get(address);
  if (!client) {
    const { transport } = connection;
    const checkKey = (publicKey: string) => requireKnownKey(clusterId, address, publicKey);
    const plain = createAgentClient({ address, transport, password: credentials.password, checkKey });
    client = withRules(clusterId, plain);
    connection.clients.set(address, client);
  }
  return client;
}
