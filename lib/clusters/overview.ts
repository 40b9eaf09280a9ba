import "server-only";
import { ageOf } from "../clock";
import { setTimeout as sleep } from "node:timers/promises";
import { openKeyRing } from "../db/key-ring";
import { isAppError, type Failure, type FailureKind } from "../errors";
import { inParallel } from "../in-parallel";
import { singleton } from "../singleton";
import { downOf, noteBack } from "./down-by-us";
import { findCluster, shadowedClusters } from "./registry";
import {
  CLUSTER_HEALTH,
  type Certainty,
  type ClusterCard,
  type ClusterHealth,
  type ClusterSummary,
  type Overview,
} from "./schema";
import { readOurStops, type OurStops } from "./stopped-by-us";
import { countWaitingApprovals } from "./waiting-approvals";
import { unheardOf } from "./unheard";
import { glimpse, knownAgents, lookOnce, type Glimpse } from "./topology";

const AT_ONCE = 16;
const LOOK_EVERY_MS = 5_000;
/** A look asks every agent of a cluster; however many there are, all clusters together are asked no faster. */
const AGENTS_PER_SECOND = 200;
/** Agents that a row names one by one. */
const UNHEARD_TOLD = 3;
/** How long the first screen waits for clusters that nobody has looked at yet. */
const FIRST_WAIT_MS = 1_500;

/**
 * The clusters as they were last seen, those with problems first. Answers at once from what is known; clusters whose
 * picture is old are looked at afterwards, a few at a time, for the next answer.
 */
export async function readOverview(cards: readonly ClusterCard[]): Promise<Overview> {
  const ours = await readOurStops();
  const waiting = await countWaitingApprovals();
  const looking = lookAround(cards.map(({ id }) => id));
  if (cards.some(({ id }) => glimpse(id).lookedAtMs === 0)) await Promise.race([looking, sleep(FIRST_WAIT_MS)]);
  for (const { id } of cards) await noteBack(ours.get(id), glimpse(id));
  const clusters = cards.map((card) => summarize(card, glimpse(card.id), ours.get(card.id), waiting.get(card.id)));
  const rank = ({ health }: ClusterSummary) => CLUSTER_HEALTH.indexOf(health);
  clusters.sort(
    (left, right) => rank(left) - rank(right) || left.name.localeCompare(right.name, "en", { numeric: true }),
  );
  const isLost = cards.some(({ id }) => findCluster(id).credentials === null);
  const { needs, found } = await openKeyRing();
  return {
    clusters,
    shadowed: shadowedClusters().filter((id) => cards.some((card) => card.id === id)),
    lostKey: isLost ? { needs, found } : null,
  };
}

/** One round over the clusters that are due, shared by everybody who asks while it goes on. */
function lookAround(ids: readonly string[]): Promise<void> {
  const slot = singleton("clusters.round", (): { going: Promise<void> | null } => ({ going: null }));
  slot.going ??= round(ids).finally(() => (slot.going = null));
  return slot.going;
}

async function round(ids: readonly string[]): Promise<void> {
  const agents = ids.reduce((sum, id) => sum + knownAgents(id).length, 0);
  const everyMs = Math.max(LOOK_EVERY_MS, (agents / AGENTS_PER_SECOND) * 1_000);
  const due = ids
    .map((id) => ({ id, atMs: glimpse(id).lookedAtMs }))
    .filter(({ atMs }) => ageOf(atMs) >= everyMs)
    .sort((left, right) => left.atMs - right.atMs)
    .map(({ id }) => id);
  // A cluster that was removed meanwhile is no longer there to be looked at.
  await inParallel(
    due,
    (id) =>
      Promise.resolve(id)
        .then(lookOnce)
        .catch(() => undefined),
    AT_ONCE,
  );
}

const HEALTH_OF_FAILURE: Partial<Record<FailureKind, ClusterHealth>> = {
  "credentials-lost": "credentialsLost",
  "password-rejected": "passwordRejected",
  "password-kind": "passwordRejected",
  "agent-key-changed": "keyChanged",
  "agent-unreachable": "unreachable",
  "agent-timeout": "unreachable",
};

/** Pure: what is known of one cluster, in the words of the overview. */
export function summarize(
  card: ClusterCard,
  { topology, ageMs, error }: Glimpse,
  ours: OurStops | undefined,
  waitingApprovals = 0,
): ClusterSummary {
  const servers = topology?.zones.flatMap((zone) => zone.servers) ?? [];
  const serving = servers.filter(({ state }) => state === "SERVING").length;
  const unclear = servers.filter(({ state }) => state === "SERVICE_NOT_REPORTED").length;
  const changing = servers.filter(({ state }) => state === "STOPPING" || state === "STARTING").length;
  const notReported = servers.filter(({ state, setAside }) => state === "NOT_REPORTED" && setAside === null).length;
  const setAside = servers.filter((server) => server.setAside !== null).length;
  const failure = toFailure(error);
  const unheard = topology ? unheardOf(topology) : [];
  const byUs = downOf(ours, topology);
  const of = (wanted: Certainty) => byUs.filter(({ certainty }) => certainty === wanted);
  const running = topology?.activeRuns?.find((run) => !run.holdsMaintenance);
  return {
    ...card,
    health: failure
      ? (HEALTH_OF_FAILURE[failure.kind] ?? "unreadable")
      : !topology
        ? "notReadYet"
        : !topology.databaseReachable
          ? "databaseOut"
          : serving + unclear + setAside < servers.length
            ? "someDown"
            : unheard.length > 0
              ? "agentsUnheard"
              : unclear > 0
                ? "allRunning"
                : "allServing",
    failure,
    servers: topology ? { total: servers.length, serving, unclear, changing, notReported } : null,
    unheard: { first: unheard.slice(0, UNHEARD_TOLD), count: unheard.length },
    downByUs: of("down").reduce((sum, group) => sum + group.servers.length, 0),
    zonesByUs: [...new Set(of("zone-not-reported").flatMap(({ zones }) => zones))],
    setAside,
    intent: ours?.going === "open" || ours?.going === "unknown" ? ours.going : null,
    waitingApprovals,
    activeRun: running
      ? { id: running.id, name: running.name, stage: running.stage, maxStage: running.maxStage }
      : null,
    heldRun: topology?.activeRuns?.find((run) => run.holdsMaintenance)?.id ?? null,
    ageMs,
  };
}

function toFailure(error: unknown): Failure | null {
  if (error === null) return null;
  return isAppError(error) ? { kind: error.kind, ...error.facts } : { kind: "internal" };
}
