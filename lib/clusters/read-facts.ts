import "server-only";
import { setTimeout as sleep } from "node:timers/promises";
import { AppError, isAppError, type FailureKind } from "../errors";
import type { ReportedCluster } from "../obshell/schema";
import { askCluster, clusterAnswer, leaveClusterAnswer, OVERDUE_MS, type ClusterAnswer } from "./cluster-answer";
import { probeAgents, type Probe } from "./probe";
import { readClusterTasks } from "./read-cluster-tasks";
import { readMaintenance, type Maintenance } from "./read-maintenance";
import { agentOf, findCluster } from "./registry";
import type { ClusterTask } from "./schema";

const MEMBERS_TIMEOUT_MS = 3_000;
/** A cluster-wide answer that has not come by then has a hung peer behind it, or many servers: members are asked for. */
const MEMBERS_AFTER_MS = 700;
/** With an agent that does not answer, the cluster-wide answer is not expected any more: it waits for the same one. */
const EXPECTED_AFTER_PROBES_MS = 300;
const TRIED = 3;
/** Another agent than the preferred one is taken when that one has not answered so long after it. */
const PREFERRED_WITHIN_MS = 150;

/** Who is in the cluster, by one agent's word. */
export interface Base {
  reported: ReportedCluster;
  by: string;
  atMs: number;
}

/** Everything that one look at a cluster found, before it is put into our words. */
export interface ClusterFacts {
  base: Base;
  /** The newest cluster-wide answer, of this look or an older one, and how it stands. */
  answer: ReturnType<typeof clusterAnswer>;
  probes: ReadonlyMap<string, Probe>;
  maintenance: Maintenance;
  clusterTasks: ClusterTask[] | null;
}

export interface LookOptions {
  /** Agents to ask for their own status. */
  agents: readonly string[];
  /** Asked about the cluster where it can be, so that one picture follows from the other. */
  preferred: string | null;
  /** Others that may be a way in, asked when none of these answers. */
  spare: readonly string[];
  /** Whether every agent said its status in the look before. */
  allAnswered: boolean;
  /** Hears of the probes when all of them are in, before the rest of the look is. */
  onProbes: (probes: ReadonlyMap<string, Probe>) => void;
  /** Hears that a cluster-wide answer ended, whenever that is. */
  onAnswer: () => void;
}

/** The agents of those servers that have one: nobody else is ever asked. */
export const agentsOf = ({ zones }: ReportedCluster): string[] =>
  zones.flatMap((zone) => zone.servers.flatMap(({ address, agentless }) => (agentless === null ? [address] : [])));

/** By what it says of its database, 0 to 3: an agent whose observer is gone answers from its own files at once, one whose
 * database does not let it in waits for that one, up to minutes. */
const ASKED_FIRST = [2, 0, 1, 3];
const health = ({ status }: Probe): number =>
  status?.identity === "CLUSTER AGENT" ? (ASKED_FIRST[status.obState] ?? -0.5) : -0.5;

/** Agents in the order in which to ask about the cluster: those with a working database first. */
const byHealth = (probes: Iterable<Probe>): Probe[] =>
  [...probes].filter((probe) => probe.status !== null).sort((left, right) => health(right) - health(left));

const isAble = ({ status }: Probe): boolean => status?.identity === "CLUSTER AGENT" && status.obState === 3;

/**
 * One look at a cluster, put together from parts that do not wait for each other: every agent's own status, who is in the
 * cluster, and the runs in progress. The cluster-wide answer is waited for as long as it is expected; when it is not,
 * members are read from an agent's own database (`/ob/info`), and the answer counts once it comes. Throws what the last
 * asked agent answered, or why none answers.
 */
export async function readFacts(clusterId: string, options: LookOptions): Promise<ClusterFacts> {
  const asking = beginProbes(clusterId, options);
  const { quick, answered, expected } = await readBase(clusterId, asking, options);
  const probes = new Map(await asking.all);
  const fresh = agentsOf(quick.reported).filter((agent) => !probes.has(agent));
  for (const probe of (await probeAgents(clusterId, fresh)).values()) probes.set(probe.address, probe);
  await expected([...probes.values()].every(({ status }) => status !== null));
  const base = answered() ?? quick;
  leaveClusterAnswer(clusterId, (address) => probes.get(address)?.status !== null);
  const found = new Set(agentsOf(base.reported));
  const members = new Map([...probes].filter(([agent]) => found.has(agent)));
  const withDatabase = byHealth(members.values()).find(isAble)?.address ?? null;
  const [maintenance, clusterTasks] = await Promise.all([
    readMaintenance(clusterId, { answeredBy: base.by, probes: members }),
    readClusterTasks(clusterId, withDatabase),
  ]);
  return { base, answer: clusterAnswer(clusterId), probes, maintenance, clusterTasks };
}

/** Probes under way. */
interface Asking {
  /** The first agent with a working database; null when all have been asked and none has one. */
  able: Promise<Probe | null>;
  all: Promise<ReadonlyMap<string, Probe>>;
}

function beginProbes(clusterId: string, { agents, preferred, spare, onProbes }: LookOptions): Asking {
  let foundAble: (probe: Probe | null) => void = () => undefined;
  const able = new Promise<Probe | null>((resolve) => (foundAble = resolve));
  const note = (probe: Probe) => {
    if (!isAble(probe)) return;
    if (probe.address === preferred) foundAble(probe);
    else setTimeout(() => foundAble(probe), PREFERRED_WITHIN_MS).unref();
  };
  const all = probeAgents(clusterId, agents, note).then(async (first) => {
    const probes = new Map(first);
    if (byHealth(probes.values()).length === 0)
      for (const [address, probe] of await probeAgents(clusterId, spare, note)) probes.set(address, probe);
    if (![...probes.values()].some(isAble)) foundAble(null);
    onProbes(probes);
    return probes;
  });
  all.catch(() => foundAble(null));
  return { able, all };
}

/** A rejected password is the same at every agent; asking on would only be more wrong logins. */
const SAME_EVERYWHERE: ReadonlySet<FailureKind> = new Set(["password-rejected", "credentials-lost"]);

/** Who is in the cluster, as soon as anybody has told. */
interface Found {
  quick: Base;
  /** The cluster-wide answer of this look, once it is there. */
  answered: () => Base | null;
  /** Waits for that answer for as long as it is expected: not longer than it takes where every agent answers. */
  expected: (allAnswer: boolean) => Promise<void>;
}

async function readBase(
  clusterId: string,
  asking: Asking,
  { allAnswered, onAnswer }: Pick<LookOptions, "allAnswered" | "onAnswer">,
): Promise<Found> {
  const able = await asking.able;
  const first = able ?? byHealth((await asking.all).values())[0];
  if (!first) throw whyNobody([...(await asking.all).values()], findCluster(clusterId).agents);
  const before = clusterAnswer(clusterId);
  const startedMs = Date.now();
  const answered = (): Base | null => {
    const { newest } = clusterAnswer(clusterId);
    return newest && newest !== before.newest ? baseOf(newest) : null;
  };
  // One that was overdue before this look is not waited for.
  const asked = before.isOverdue ? null : askCluster(clusterId, first.address, { allAnswered, onEnd: onAnswer });
  if (asked) await Promise.race([asked, pause(MEMBERS_AFTER_MS)]);
  requireNotRefused(clusterId, startedMs);
  return {
    quick: answered() ?? (await readMembers(clusterId, first, asking)),
    answered,
    async expected(allAnswer) {
      if (!asked || answered()) return;
      const leftMs = startedMs + OVERDUE_MS - Date.now();
      await Promise.race([asked, pause(allAnswer ? leftMs : Math.min(leftMs, EXPECTED_AFTER_PROBES_MS))]);
    },
  };
}

const baseOf = ({ reported, by, askedAtMs }: ClusterAnswer): Base => ({ reported, by, atMs: askedAtMs });

const pause = (ms: number): Promise<void> => sleep(ms, undefined, { ref: false });

function requireNotRefused(clusterId: string, sinceMs: number): void {
  const { refused } = clusterAnswer(clusterId);
  if (refused?.error && refused.atMs >= sinceMs && SAME_EVERYWHERE.has(refused.error.kind)) throw refused.error;
}

async function readMembers(clusterId: string, first: Probe, { all }: Asking): Promise<Base> {
  const tried = new Set<string>();
  let refusal: unknown;
  const ask = async (address: string): Promise<Base | null> => {
    tried.add(address);
    const atMs = Date.now();
    try {
      const reported = await agentOf(clusterId, address).members({ timeoutMs: MEMBERS_TIMEOUT_MS });
      return { reported, by: address, atMs };
    } catch (error) {
      refusal = error;
      if (!isAppError(error) || SAME_EVERYWHERE.has(error.kind)) throw error;
      return null;
    }
  };
  const found = await ask(first.address);
  if (found) return found;
  for (const { address } of byHealth((await all).values())) {
    if (tried.has(address)) continue;
    if (tried.size >= TRIED) break;
    const other = await ask(address);
    if (other) return other;
  }
  throw refusal;
}

/** What all of them have in common says more than that none answers: TLS where none is spoken, an answer of no agent. */
function whyNobody(probes: readonly Probe[], seeds: readonly string[]): AppError {
  const failures = probes.flatMap(({ failure }) => failure ?? []);
  const [first] = failures.filter(({ kind }) => kind !== "agent-unreachable" && kind !== "agent-timeout");
  return first ?? new AppError("agent-unreachable", { params: { address: seeds.join(", ") } });
}
