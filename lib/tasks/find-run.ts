import "server-only";
import { hasAgent } from "../clusters/has-agent";
import { agentOf } from "../clusters/registry";
import { knownAgents, readTopology } from "../clusters/topology";
import { isAppError, nullIfAppError } from "../errors";
import { inParallel } from "../in-parallel";
import type { AgentClient } from "../obshell/client";
import { beganAt } from "../obshell/began-at";
import type { Dag } from "../obshell/schema";
import { taskOwner } from "../obshell/wire/task-id";
import { fitsPart, mayBe, type Asked } from "./is-our-run";
import { serversOf } from "./servers-now";
import { gaveNoAnswer } from "./untold";

const TIMEOUT_MS = 5_000;
/** With details the agent reads the log of every task; a large cluster takes its time. */
const DETAIL_TIMEOUT_MS = 20_000;
/** Who is in the cluster changes rarely, but a picture of long ago may lack somebody. */
const LIST_MAX_AGE_MS = 30_000;
/** What the measured difference of two clocks may be wrong by, besides the way there and back. */
const CLOCK_ERROR_MS = 1_000;

const SUB_NAME: Readonly<Record<string, string>> = { "Stop OB": "Stop observer", "Start OB": "Start observer" };

export interface LostRun {
  name: "Stop OB" | "Start OB";
  /** The agent that was asked to start the run; the run lives there or nowhere. */
  coordinator: string;
  /** When the request was sent, by the clock of whoever looks: how long ago that is was told by the store. */
  sentAtMs: number;
  /** The latest time at which the run can have been created, by the same clock; now when absent. */
  untilMs?: number;
  /** What the coordinator's clock showed at the sending; whoever looks may have another clock than whoever sent. */
  coordinatorMs?: number | null;
  /** What the run was asked to do: a run that does something else is somebody else's. */
  asked?: Asked;
}

/** A time span on one agent's own clock. */
interface Window {
  fromMs: number;
  untilMs: number;
  sentMs: number;
}

export interface FoundRun {
  found: string | null;
  /** Who was asked and did not answer. */
  silent: string[];
  /** With `found` null: everybody was asked, has answered and has told everything, so that there is no such run. */
  isSure: boolean;
  /** The coordinator has lost its records since the sending: the run is known by others' parts alone, or by nobody. */
  isStoreLost?: boolean;
}

/** Looks for the run of a request whose answer was lost (ux C-11). As long as somebody does not tell there may be one. */
export async function findRun(clusterId: string, lost: LostRun): Promise<FoundRun> {
  const { coordinator } = lost;
  const clientOf = (address: string) => agentOf(clusterId, address);
  const silent = createSilence(coordinator);
  const own = await atCoordinator(clientOf(coordinator), lost).catch(silent.note(coordinator));
  if (own?.found) return { found: own.found, silent: [], isSure: true };
  // The list of agents itself must be complete for "every agent has answered" to mean anything.
  const topology = await readTopology(clusterId, { maxAgeMs: LIST_MAX_AGE_MS }).catch(nullIfAppError);
  // Whoever was registered or met once and is no member took no part, and its silence says nothing.
  const known = topology
    ? serversOf(topology).filter(hasAgent)
    : knownAgents(clusterId).map((address) => ({ address }));
  const others = known.map(({ address }) => address).filter((address) => address !== coordinator);
  const candidates = await atOthers(others.map(clientOf), lost, silent);
  if (own === null) return { found: candidates[0]?.id ?? null, silent: silent.who(), isSure: false };
  // The coordinator can be asked whether a run that others speak of is the one, also when it cannot list its runs.
  let gone: string | null = null;
  for (const part of candidates) {
    const held = await heldAt(clientOf(coordinator), part, lost, own.window);
    if (held === "ours") return { found: part.id, silent: [], isSure: true };
    if (held === "gone" && isPartOf(part, lost.asked)) gone ??= part.id;
  }
  if (gone !== null) return { found: gone, silent: [], isSure: true, isStoreLost: true };
  const isSure = own.complete && topology !== null && silent.isNone();
  return { found: null, silent: silent.who(), isSure, ...(own.isYoung ? { isStoreLost: true } : {}) };
}

/** What another agent did for a run: its newest maintenance task, and the main run that this belongs to. */
interface Part {
  id: string;
  address: string;
  partId: string;
  steps: number;
}

const isPartOf = ({ address, steps }: Part, asked: Asked | undefined): boolean =>
  !asked || fitsPart(address, steps, asked);

/**
 * Whether the coordinator holds the run of this part. `gone`: it has lost its records since, so that it knows no run of this
 * id, or has given the id anew, to a run of which the part is none. `another`: the run is somebody else's.
 */
async function heldAt(
  agent: AgentClient,
  { id, address, partId }: Part,
  lost: LostRun,
  window: Window,
): Promise<"ours" | "another" | "gone"> {
  try {
    const dag = await agent.dag(id, { details: false, timeoutMs: TIMEOUT_MS });
    const own = dag.subDags[address];
    if (own !== undefined && own !== partId) return "gone";
    return (await ourOwn(agent, [dag], lost, window)).found === null ? "another" : "ours";
  } catch (error) {
    if (isAppError(error) && error.kind === "task-not-found") return "gone";
    throw error;
  }
}

/** Remembers who did not tell, and who of them gave no answer at all; the first one is named first. */
function createSilence(first: string) {
  const silent = new Set<string>();
  let count = 0;
  return {
    note: (address: string) => (error: unknown) => {
      nullIfAppError(error);
      count += 1;
      if (gaveNoAnswer(error)) silent.add(address);
      return null;
    },
    who: () =>
      [...silent].sort((left, right) => Number(right === first) - Number(left === first) || (left < right ? -1 : 1)),
    isNone: () => count === 0,
  };
}

async function windowAt(agent: AgentClient, { sentAtMs, untilMs, coordinatorMs }: LostRun): Promise<Window> {
  const { skewMs, roundTripMs } = await agent.clock({ timeoutMs: TIMEOUT_MS });
  const slackMs = CLOCK_ERROR_MS + roundTripMs;
  const sentMs = sentAtMs + skewMs;
  // Two readings of one moment: the window holds both.
  const apartMs = (coordinatorMs ?? sentMs) - sentMs;
  return {
    sentMs: sentMs + apartMs,
    fromMs: sentMs + Math.min(0, apartMs) - slackMs,
    untilMs: (untilMs ?? Date.now()) + skewMs + Math.max(0, apartMs) + slackMs,
  };
}

/** Coordinator time at which a run began; NaN while it does not tell. */
const beganMs = (dag: Dag): number => Date.parse(beganAt(dag) ?? "");

const isInside = (dag: Dag, { fromMs, untilMs }: Window): boolean => beganMs(dag) >= fromMs && beganMs(dag) <= untilMs;

/**
 * The one of these runs that was made by the request, and whether one of them may be although that could not be read. A
 * list tells when a run was last taken up, so whatever does not stand before the window there is read in full.
 */
async function ourOwn(agent: AgentClient, listed: readonly Dag[], lost: LostRun, window: Window) {
  const named = listed.filter((dag) => dag.name === lost.name && !(beganMs(dag) < window.fromMs));
  let isUnplaced = false;
  const runs: Dag[] = [];
  for (const dag of named) {
    const full = await agent.dag(dag.id, { timeoutMs: DETAIL_TIMEOUT_MS }).catch(nullIfAppError);
    const run = full && full.nodes.length > 0 ? full : dag;
    if (isInside(run, window)) runs.push(run);
    else if (run === dag) isUnplaced = true;
  }
  const nearest = (dag: Dag) => Math.abs(beganMs(dag) - window.sentMs);
  for (const run of runs.sort((left, right) => nearest(left) - nearest(right)))
    if (!lost.asked || (await mayBe(agent, run, lost.asked))) return { found: run.id, isUnplaced };
  return { found: null, isUnplaced };
}

/** `complete` false: its answer leaves room for a run that it did not name. */
async function atCoordinator(agent: AgentClient, lost: LostRun) {
  const window = await windowAt(agent, lost);
  const { dags, all } = await listDags(agent);
  const { found, isUnplaced } = await ourOwn(agent, dags, lost, window);
  // A member holds at least the task by which it joined: whose list begins after the sending has lost what was before.
  const isYoung = all && !dags.some((dag) => !(beganMs(dag) >= window.fromMs));
  if (found || all) return { found, window, complete: !isUnplaced, isYoung };
  // Older agents list unfinished runs only, and a failed main run is not among them: its traces are (protocol §6.3).
  const newest = await agent.maintenanceDag({ timeoutMs: TIMEOUT_MS });
  const id = mainOf(newest, lost);
  const own = id !== null && (await isTheOne(agent, id, lost, window)) ? id : null;
  return { found: own, window, complete: !isUnplaced, isYoung: newest === null && dags.length === 0 };
}

async function listDags(agent: AgentClient): Promise<{ dags: Dag[]; all: boolean }> {
  try {
    return { dags: await agent.agentDags({ timeoutMs: TIMEOUT_MS }), all: true };
  } catch (error) {
    if (!isAppError(error) || error.kind !== "not-supported") throw error;
    return { dags: await agent.unfinishedDags("agent", { timeoutMs: TIMEOUT_MS }), all: false };
  }
}

/** The main run that an agent's newest maintenance task belongs to, if the coordinator holds it. */
const mainOf = (newest: Dag | null, { coordinator, name }: LostRun): string | null =>
  newest?.mainDagId && newest.name === SUB_NAME[name] && taskOwner(newest.mainDagId) === coordinator
    ? newest.mainDagId
    : null;

async function isTheOne(agent: AgentClient, id: string, lost: LostRun, window: Window): Promise<boolean> {
  const dag = await agent.dag(id, { details: false, timeoutMs: TIMEOUT_MS });
  return (await ourOwn(agent, [dag], lost, window)).found !== null;
}

/** Main runs that other agents take part in since the sending, by their own clocks. */
async function atOthers(
  agents: readonly AgentClient[],
  lost: LostRun,
  silent: ReturnType<typeof createSilence>,
): Promise<Part[]> {
  const candidates: Part[] = [];
  const look = async (agent: AgentClient) => {
    const newest = await agent.maintenanceDag({ timeoutMs: TIMEOUT_MS });
    const id = mainOf(newest, lost);
    if (newest && id !== null && isInside(newest, await windowAt(agent, lost)))
      candidates.push({ id, address: agent.address, partId: newest.id, steps: newest.maxStage });
  };
  await inParallel(agents, (agent) => look(agent).catch(silent.note(agent.address)));
  return candidates;
}
