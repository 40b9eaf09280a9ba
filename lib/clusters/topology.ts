import "server-only";
import { ageOf } from "../clock";
import { createHash } from "node:crypto";
import { lastTurn } from "../db/cluster-lock";
import { AppError } from "../errors";
import { log } from "../log";
import { singleton } from "../singleton";
import { assembleTopology } from "./assemble-topology";
import { clusterAnswer, forgetClusterAnswer } from "./cluster-answer";
import { recallMembers, rememberMembers } from "./met-agents";
import type { Probe } from "./probe";
import { agentsOf, readFacts, type ClusterFacts } from "./read-facts";
import { findCluster, type RegisteredCluster } from "./registry";
import type { Server, Topology } from "./schema";
import { endAside, markAside, readAside, type AsideRow } from "./set-aside";
import { withoutAgents, withUntold } from "./untold-members";

/** From one look to the next, by how many agents are asked in it: 120 a second at most, 200 in the largest clusters. */
const lookEveryMs = (agents: number): number => (agents <= 300 ? 2_500 : 5_000);
/** While a run goes each look reads it as well, beside whoever watches it. */
const BUSY_LOOK_MS = 3_500;
const RETRY_MS = 2_000;
const SHORTEST_PAUSE_MS = 500;
/** The reader rests when nobody has asked for this long. */
const WATCHED_MS = 30_000;

interface Watch {
  /** The cluster as it was registered when the watch began; a changed one begins a new watch. */
  of: RegisteredCluster;
  /** Agents by whom the cluster may be found: registered, met before, or named as members. */
  ways: Set<string>;
  /** As the database named them in the newest look that reached one; null before that. */
  members: ReadonlySet<string> | null;
  recalled: Promise<void> | null;
  /** Servers without an agent, as the database named them last. */
  agentless: readonly Server[];
  /** Members that were set aside when the newest look began. */
  aside: readonly AsideRow[];
  facts: ClusterFacts | null;
  topology: Topology | null;
  /** When the facts were read that decisions rest on. */
  readAtMs: number;
  lookBeganMs: number;
  /** The cluster's last turn before the newest look began that found something; what was done later it may not have seen. */
  turn: number;
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
    if (watch) forgetClusterAnswer(clusterId);
    watch = {
      ...{ of: cluster, ways: new Set(cluster.agents), members: null, recalled: null, agentless: [], aside: [] },
      ...{
        facts: null,
        topology: null,
        readAtMs: 0,
        lookBeganMs: 0,
        turn: 0,
        failed: null,
        askedAtMs: 0,
        contentHash: "",
      },
      ...{ reading: null, timer: null },
    };
    watches().set(clusterId, watch);
  }
  return watch;
}

/** All agent addresses that belong to the cluster as far as is known: once it named its members, those and no others. */
export function knownAgents(clusterId: string): string[] {
  const { members, ways } = watchOf(clusterId);
  return [...(members ?? ways)];
}

/**
 * The cluster as it stands. One reader per cluster serves every caller: while it is watched it looks every few seconds,
 * and `maxAgeMs` asks for a newer look. When no agent can be asked, the last picture is returned with its true age; with
 * no picture at all the failure is thrown.
 */
export async function readTopology(clusterId: string, options: { maxAgeMs?: number } = {}): Promise<Topology> {
  const watch = watchOf(clusterId);
  watch.askedAtMs = Date.now();
  const ageMs = ageOf(watch.readAtMs);
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
  return { ...watch.topology, ageMs: ageOf(watch.readAtMs) };
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
  /** The cluster's last turn that the picture is sure to have seen. */
  turn: number;
}

/** The last picture, as it was. No I/O. */
export function glimpse(clusterId: string): Glimpse {
  const { topology, readAtMs, failed, turn } = watchOf(clusterId);
  return {
    topology,
    ageMs: topology ? ageOf(readAtMs) : null,
    error: failed?.error ?? null,
    lookedAtMs: Math.max(readAtMs, failed?.atMs ?? 0),
    turn,
  };
}

/** One look, without watching the cluster from then on. What it found, or why it found nothing, is in `glimpse`. */
export const lookOnce = (clusterId: string): Promise<void> =>
  look(clusterId, watchOf(clusterId)).then(
    () => undefined,
    () => undefined,
  );

function look(clusterId: string, watch: Watch): Promise<Topology> {
  watch.reading ??= lookNow(clusterId, watch)
    .catch((error: unknown) => {
      watch.failed = { error, atMs: Date.now() };
      throw error;
    })
    .finally(() => {
      watch.reading = null;
      schedule(clusterId, watch);
    });
  return watch.reading;
}

async function lookNow(clusterId: string, watch: Watch): Promise<Topology> {
  watch.lookBeganMs = Date.now();
  // While the store is away the picture has seen what it had seen before, as far as anybody knows.
  const turn = await lastTurn(clusterId).catch(() => watch.turn);
  await (watch.recalled ??= recall(clusterId, watch));
  const agents = [...(watch.members ?? watch.ways)];
  const reading = readFacts(clusterId, {
    agents,
    spare: [...watch.ways].filter((address) => !agents.includes(address)),
    preferred: watch.facts?.base.by ?? agents[0] ?? null,
    allAnswered: [...(watch.facts?.probes.values() ?? [])].every(({ status }) => status !== null),
    onProbes: (probes) => showProbes(watch, probes),
    onAnswer: () => takeLateAnswer(clusterId, watch),
  });
  const [facts, aside] = await Promise.all([reading, readAside(clusterId)]);
  watch.aside = aside;
  watch.facts = facts;
  watch.turn = turn;
  watch.readAtMs = facts.base.atMs;
  watch.failed = null;
  noteMembers(clusterId, watch, facts);
  const topology = publish(watch);
  await endAside(topology, aside);
  return topology;
}

async function recall(clusterId: string, watch: Watch): Promise<void> {
  const met = await recallMembers(clusterId);
  if (met === null) watch.recalled = null;
  for (const address of met ?? []) watch.ways.add(address);
}

/** Members that the database names are the members; everybody else was one, or is only a way in. */
function noteMembers(clusterId: string, watch: Watch, { base: { reported }, probes }: ClusterFacts): void {
  const named = agentsOf(reported);
  for (const address of named) watch.ways.add(address);
  if (!reported.fromDatabase) return;
  watch.members = new Set(named);
  rememberMembers(
    clusterId,
    named.filter((address) => probes.get(address)?.status),
  );
}

/** What agents say of themselves is shown as soon as it is known; the picture does not become younger by it. */
function showProbes(watch: Watch, probes: ReadonlyMap<string, Probe>): void {
  if (!watch.facts) return;
  watch.facts = { ...watch.facts, probes };
  publish(watch);
}

/** A cluster-wide answer that was waited for no longer counts once it comes. */
function takeLateAnswer(clusterId: string, watch: Watch): void {
  if (!watch.facts || watch.reading || watches().get(clusterId) !== watch) return;
  watch.facts = { ...watch.facts, answer: clusterAnswer(clusterId) };
  publish(watch);
}

function schedule(clusterId: string, watch: Watch, delayMs?: number): void {
  if (watch.timer || watch.reading || watches().get(clusterId) !== watch) return;
  if (ageOf(watch.askedAtMs) > WATCHED_MS) return;
  const going = watch.topology?.activeRuns?.some((run) => !run.holdsMaintenance) ?? false;
  const everyMs = going ? BUSY_LOOK_MS : lookEveryMs(knownAgents(clusterId).length);
  const dueMs = delayMs ?? Math.max(SHORTEST_PAUSE_MS, watch.lookBeganMs + everyMs - Date.now());
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

function publish(watch: Watch): Topology {
  const { facts, of } = watch;
  if (!facts) throw new AppError("internal");
  const { id, name, environment } = of;
  const told = assembleTopology({ id, name, environment }, facts);
  const isTold = facts.base.reported.fromDatabase;
  if (isTold) watch.agentless = withoutAgents(told);
  const topology = markAside(isTold ? told : withUntold(told, watch.agentless), watch.aside);
  const { readAt: _readAt, ...content } = topology;
  const contentHash = createHash("sha1").update(JSON.stringify(content)).digest("hex");
  const version =
    contentHash === watch.contentHash ? (watch.topology?.version ?? 1) : (watch.topology?.version ?? Date.now()) + 1;
  watch.contentHash = contentHash;
  watch.topology = { ...topology, version };
  return watch.topology;
}
