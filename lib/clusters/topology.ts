import "server-only";
import { createHash } from "node:crypto";
import { AppError } from "../errors";
import { log } from "../log";
import { supports } from "../obshell/wire/version";
import { singleton } from "../singleton";
import { hasAgent } from "./has-agent";
import { readFacts, type ClusterFacts } from "./read-facts";
import { findCluster, type RegisteredCluster } from "./registry";
import type { Server, Topology } from "./schema";
import { isStoppedBySql, serverState } from "./server-state";

const IDLE_READ_MS = 5_000;
const BUSY_READ_MS = 3_000;
const RETRY_MS = 2_000;
/** The reader rests when nobody has asked for this long. */
const WATCHED_MS = 30_000;

interface Watch {
  /** The cluster as it was registered when the watch began; a changed one begins a new watch. */
  of: RegisteredCluster;
  /** Agents known so far, kept when they fall silent. */
  agents: Set<string>;
  topology: Topology | null;
  readAtMs: number;
  /** Why the last look found nothing, and when that was; null after a look that did. */
  failed: { error: unknown; atMs: number } | null;
  askedAtMs: number;
  contentHash: string;
  reading: Promise<Topology> | null;
  timer: NodeJS.Timeout | null;
}

const watches = () => singleton("clusters.watches", () => new Map<string, Watch>());

function watchOf(clusterId: string): Watch {
  const cluster = findCluster(clusterId);
  let watch = watches().get(clusterId);
  if (watch?.of !== cluster) {
    if (watch?.timer) clearTimeout(watch.timer);
    watch = {
      of: cluster,
      agents: new Set(cluster.agents),
      topology: null,
      readAtMs: 0,
      failed: null,
      askedAtMs: 0,
      contentHash: "",
      reading: null,
      timer: null,
    };
    watches().set(clusterId, watch);
  }
  return watch;
}

/** All agent addresses of the cluster known so far. No I/O. */
export const knownAgents = (clusterId: string): string[] => [...watchOf(clusterId).agents];

/**
 * The cluster as it stands. One reader per cluster serves every caller: while it is watched it looks every 5 s (3 s
 * while a run is going), and `maxAgeMs` asks for a newer look. When no agent can be asked, the last picture is returned
 * with its true age; with no picture at all the failure is thrown.
 */
export async function readTopology(clusterId: string, options: { maxAgeMs?: number } = {}): Promise<Topology> {
  const watch = watchOf(clusterId);
  watch.askedAtMs = Date.now();
  const ageMs = Date.now() - watch.readAtMs;
  if (!watch.topology || ageMs >= (options.maxAgeMs ?? WATCHED_MS)) {
    try {
      // A look under way began before this question; who accepts no age at all waits for one that begins now.
      if (options.maxAgeMs === 0) await watch.reading?.catch(() => undefined);
      await look(clusterId, watch);
    } catch (error) {
      if (!watch.topology) throw error;
      if (options.maxAgeMs !== undefined) throw error;
    }
  } else {
    schedule(clusterId, watch);
  }
  if (!watch.topology) throw new AppError("internal");
  return { ...watch.topology, ageMs: Date.now() - watch.readAtMs };
}

/** What is known of the cluster without asking anybody. */
export interface Glimpse {
  topology: Topology | null;
  /** Of the picture; null while there is none. */
  ageMs: number | null;
  /** Why the newest look found nothing; null when it did, or when nobody has looked. */
  error: unknown;
  /** Unix ms of the newest look, whatever it found; 0: nobody has looked. */
  lookedAtMs: number;
}

/** The last picture, as it was. No I/O. */
export function glimpse(clusterId: string): Glimpse {
  const { topology, readAtMs, failed } = watchOf(clusterId);
  return {
    topology,
    ageMs: topology ? Date.now() - readAtMs : null,
    error: failed?.error ?? null,
    lookedAtMs: Math.max(readAtMs, failed?.atMs ?? 0),
  };
}

/** One look, without watching the cluster from then on. What it found, or why it found nothing, is in `glimpse`. */
export const lookOnce = (clusterId: string): Promise<void> =>
  look(clusterId, watchOf(clusterId)).then(
    () => undefined,
    () => undefined,
  );

function look(clusterId: string, watch: Watch): Promise<Topology> {
  watch.reading ??= readFacts(clusterId, [...watch.agents])
    .then(
      (facts) => keep(watch, facts),
      (error: unknown) => {
        watch.failed = { error, atMs: Date.now() };
        throw error;
      },
    )
    .finally(() => {
      watch.reading = null;
      schedule(clusterId, watch);
    });
  return watch.reading;
}

function schedule(clusterId: string, watch: Watch, delayMs?: number): void {
  if (watch.timer || watch.reading || watches().get(clusterId) !== watch) return;
  if (Date.now() - watch.askedAtMs > WATCHED_MS) return;
  const going = watch.topology?.activeRuns?.some((run) => !run.holdsMaintenance) ?? false;
  const rhythmMs = going ? BUSY_READ_MS : IDLE_READ_MS;
  const dueMs = delayMs ?? Math.max(RETRY_MS / 4, watch.readAtMs + rhythmMs - Date.now());
  watch.timer = setTimeout(() => {
    watch.timer = null;
    if (watches().get(clusterId) !== watch) return;
    look(clusterId, watch).catch((error: unknown) => {
      log.debug({ clusterId, err: error }, "the cluster could not be read");
      if (watch.timer) clearTimeout(watch.timer);
      watch.timer = null;
      schedule(clusterId, watch, RETRY_MS);
    });
  }, dueMs);
  watch.timer.unref();
}

function keep(watch: Watch, facts: ClusterFacts): Topology {
  const { id, name, environment } = watch.of;
  const topology = assembleTopology({ id, name, environment }, facts);
  for (const server of topology.zones.flatMap((zone) => zone.servers))
    if (hasAgent(server)) watch.agents.add(server.address);
  const { readAt: _readAt, ...content } = topology;
  const contentHash = createHash("sha1").update(JSON.stringify(content)).digest("hex");
  const version =
    contentHash === watch.contentHash ? (watch.topology?.version ?? 1) : (watch.topology?.version ?? Date.now()) + 1;
  watch.contentHash = contentHash;
  watch.readAtMs = Date.now();
  watch.failed = null;
  watch.topology = { ...topology, version };
  return watch.topology;
}

const byAddress = (left: { address: string }, right: { address: string }): number =>
  left.address.localeCompare(right.address, "en", { numeric: true });

/** Pure: what one look found, in our words. */
export function assembleTopology(cluster: Topology["cluster"], facts: ClusterFacts): Topology {
  const { reported, probes } = facts;
  const { runs: activeRuns, notAsked } = facts.maintenance;
  const runGoing = activeRuns === null || activeRuns.some((run) => !run.holdsMaintenance);
  const zones = reported.zones.map((zone) => ({
    name: zone.name,
    region: zone.region,
    idc: zone.idc,
    innerStatus: reported.fromDatabase ? zone.innerStatus : "",
    rootServer: zone.servers.some((server) => server.rootServer),
    servers: [...zone.servers].sort(byAddress).map((server): Server => {
      const probe = server.agentless === null ? probes.get(server.address) : undefined;
      const status = probe?.status ?? null;
      const obState = status?.obState ?? null;
      const state = serverState({
        reported: server,
        zoneInnerStatus: zone.innerStatus,
        obState,
        fromDatabase: reported.fromDatabase,
        // A stop or start of its zone says of it what becomes of agents alone (protocol §4.4, §7.2).
        runGoing: runGoing && server.agentless === null,
      });
      return {
        address: server.address,
        agentless: server.agentless,
        ip: server.ip,
        zone: zone.name,
        sqlPort: server.sqlPort,
        svrPort: server.svrPort,
        state,
        innerStatus: server.innerStatus,
        obState,
        since: server.stoppedAt ?? (state === "SERVING" ? server.startedAt : null),
        rootServer: server.rootServer,
        stoppedBySql: isStoppedBySql(server),
        agent:
          server.agentless !== null
            ? null
            : {
                answers: status !== null,
                lastAnswerAt:
                  status === null && probe?.lastAnswerMs ? new Date(probe.lastAnswerMs).toISOString() : null,
                version: status?.version ?? null,
                identity: status?.identity ?? null,
                state: status?.state ?? null,
                underMaintenance: status?.underMaintenance ?? false,
                skewMs: probe?.skewMs ?? null,
              },
        taskId: server.taskId,
      };
    }),
  }));
  const statuses = [...probes.values()].flatMap(({ status }) => status ?? []);
  const anyDatabase = statuses.some(({ obState }) => obState === 3);
  const agentVersion = probes.get(facts.answeredBy)?.status?.version ?? null;
  return {
    cluster,
    version: 1,
    ageMs: 0,
    readAt: new Date().toISOString(),
    answeredBy: facts.answeredBy,
    databaseReachable: reported.fromDatabase && anyDatabase,
    agentVersion,
    abilities: {
      checksZones: statuses.some(({ obState, version }) => obState === 3 && supports(version, "zoneStop")),
      reportsTenants: agentVersion !== null && supports(agentVersion, "clusterInfo"),
    },
    obVersion: reported.obVersion,
    zones: zones.sort((left, right) => left.name.localeCompare(right.name, "en", { numeric: true })),
    tenants: reported.tenants,
    activeRuns,
    notAsked: notAsked.sort((left, right) => left.localeCompare(right, "en", { numeric: true })),
    clusterTasks: facts.clusterTasks,
  };
}
