import "server-only";
import { ageOf } from "../clock";
import { setTimeout as sleep } from "node:timers/promises";
import { AppError, isAppError } from "../errors";
import { errorCode } from "../obshell/transport-errors";
import type { AgentClient } from "../obshell/client";
import type { AgentStatus } from "../obshell/schema";
import { singleton } from "../singleton";
import { inParallel } from "../in-parallel";
import { noteStatus } from "./last-status";
import { agentOf } from "./registry";
import type { AgentCondition } from "./schema";

/** How long a look waits for an agent's own status. */
export const STATUS_PATIENCE_MS = 2_000;
const HELD_UP_MS = 200;
/** A status that hangs is left running for so long, one at a time: asking again would only pile up at the agent. */
const STATUS_LEFT_MS = 20_000;
/** One of an agent that lives may have been lost on a host that was silent for a moment: it is asked anew, once. */
const STATUS_LOST_AFTER_MS = 6_000;
/** An agent that has not said its status by then is asked for its clock, which needs no database. */
const LIFE_SIGN_AFTER_MS = 600;
const LIFE_SIGN_TIMEOUT_MS = 1_350;
/** One that hangs may miss a sign on a busy machine: it is silent when none came for so long. */
const LIVED_MS = 6_000;
/** Between two life signs of an agent that gave none. */
const LIFE_SIGN_EVERY_MS = 2_000;
/** What a slow agent said counts so long, while the next answer is under way and not much later than the last was. */
const LATE_COUNTS_MS = 15_000;
const CLOCK_TIMEOUT_MS = 2_000;
const CLOCK_EVERY_MS = 60_000;
const INFO_TIMEOUT_MS = 2_000;
/** `obState` of an observer whose database answers (protocol §4.4). */
const AVAILABLE = 3;

/** What one agent said just now; `status` is null when it did not say. */
export interface Probe {
  address: string;
  status: AgentStatus | null;
  condition: AgentCondition;
  /** Unix ms since when this process sees it so; for one that does not answer, of its last answer where there was one. */
  sinceMs: number;
  /** Why there is no status; null when there is one. */
  failure: AppError | null;
  /** Unix ms of its last answer to this process; null if it never answered. */
  lastAnswerMs: number | null;
  /** Agent clock minus console clock; null when not measured. */
  skewMs: number | null;
  /** Unix ms when its observer last was not available by its own word, or it came back from not answering; null if never. */
  unwellMs: number | null;
  /** Folder of its observer as it said when it was well; "" when it never did. */
  homePath: string;
}

interface Question {
  answer: Promise<AgentStatus>;
  sinceMs: number;
  /** It took the place of one that hung. */
  isSecond: boolean;
  giveUp: () => void;
}

type Found = { status: AgentStatus } | { failure: AppError; condition?: AgentCondition };

interface Memory {
  /** The status that was asked for and has not come. */
  asked: Question | null;
  /** Its last status, where that came after a look had given up on it. */
  late: { status: AgentStatus; atMs: number; tookMs: number } | null;
  condition: AgentCondition | null;
  sinceMs: number;
  lastAnswerMs: number | null;
  unwellMs: number | null;
  /** When it was last asked for a sign of life. */
  lifeSignAtMs: number;
  skewMs: number | null;
  /** When it last told its time. */
  skewAtMs: number;
  homePath: string | null;
}

const memories = () => singleton("clusters.probes", () => new Map<string, Memory>());

function memoryOf(clusterId: string, address: string): Memory {
  const key = `${clusterId} ${address}`;
  const known = memories().get(key);
  if (known) return known;
  const fresh: Memory = {
    asked: null,
    late: null,
    condition: null,
    sinceMs: 0,
    lastAnswerMs: null,
    unwellMs: null,
    lifeSignAtMs: 0,
    skewMs: null,
    skewAtMs: 0,
    homePath: null,
  };
  memories().set(key, fresh);
  return fresh;
}

/**
 * Asks every agent for its own status, all at once and none behind another; `onProbe` hears of each as it comes. Never
 * throws: silence is an answer, and takes `STATUS_PATIENCE_MS` at most.
 */
export async function probeAgents(
  clusterId: string,
  addresses: readonly string[],
  onProbe: (probe: Probe) => void = () => undefined,
): Promise<Map<string, Probe>> {
  const probes = new Map<string, Probe>();
  await inParallel(addresses, async (address) => {
    const probe = await probeAgent(clusterId, address);
    probes.set(address, probe);
    onProbe(probe);
  });
  return probes;
}

async function probeAgent(clusterId: string, address: string): Promise<Probe> {
  const memory = memoryOf(clusterId, address);
  const agent = agentOf(clusterId, address);
  const startedMs = Date.now();
  const asked = (memory.asked ??= askStatus(clusterId, memory, agent));
  const late = lateStatus(memory, asked);
  const told = new AbortController();
  const found: Found = late
    ? { status: late }
    : await Promise.race([settled(asked.answer), giveUp(clusterId, memory, agent, startedMs, told.signal)]);
  told.abort();
  const status = "status" in found ? found.status : null;
  const failure = "failure" in found ? found.failure : null;
  if (status && !late) {
    memory.lastAnswerMs = Date.now();
    await measure(memory, agent);
  }
  const condition = failure
    ? ("condition" in found && found.condition) || conditionOf(failure, memory.condition)
    : "answers";
  const cameBack = status !== null && memory.condition !== null && memory.condition !== "answers";
  if (cameBack || (status !== null && status.obState !== AVAILABLE)) memory.unwellMs = Date.now();
  if (condition !== memory.condition) {
    memory.condition = condition;
    memory.sinceMs = status ? Date.now() : (memory.lastAnswerMs ?? startedMs);
  }
  const { sinceMs, lastAnswerMs, unwellMs, skewMs, homePath } = memory;
  return { address, status, condition, sinceMs, failure, lastAnswerMs, unwellMs, skewMs, homePath: homePath ?? "" };
}

function askStatus(clusterId: string, memory: Memory, agent: AgentClient, isSecond = false): Question {
  const controller = new AbortController();
  const limits = { timeoutMs: STATUS_LEFT_MS, databaseMs: STATUS_PATIENCE_MS * 0.6, signal: controller.signal };
  const answer = agent.status(limits);
  const asked = { answer, sinceMs: Date.now(), isSecond, giveUp: () => controller.abort() };
  const end = () => {
    if (memory.asked === asked) memory.asked = null;
  };
  const note = (status: AgentStatus) => {
    noteStatus(clusterId, agent.address, status);
    const [atMs, tookMs] = [Date.now(), Date.now() - asked.sinceMs];
    memory.late = tookMs > STATUS_PATIENCE_MS ? { status, atMs, tookMs } : null;
    if (memory.late) memory.lastAnswerMs = atMs;
  };
  answer.then(note).then(end, end);
  return asked;
}

/** A slow agent answers all the same: nobody calls it silent as long as it keeps its own pace. */
function lateStatus({ late }: Memory, asked: Question): AgentStatus | null {
  if (!late || ageOf(late.atMs) > LATE_COUNTS_MS) return null;
  return ageOf(asked.sinceMs) < late.tookMs + STATUS_PATIENCE_MS ? late.status : null;
}

/** One that was given up, for another or because its time was over, says nothing: a sign of life tells what to call it. */
const settled = (answer: Promise<AgentStatus>): Promise<{ status: AgentStatus } | { failure: AppError }> =>
  answer.then(
    (status) => ({ status }),
    (error: unknown) =>
      isAppError(error) && (error.kind === "cancelled" || error.kind === "agent-timeout")
        ? new Promise(() => undefined)
        : { failure: isAppError(error) ? error : new AppError("internal", {}, { cause: error }) },
  );

/**
 * The status does not come. One that tells its time lives, and what hangs is its observer (`/time` asks no database). Once
 * the status is told nothing more is asked.
 */
async function giveUp(
  clusterId: string,
  memory: Memory,
  agent: AgentClient,
  startedMs: number,
  told: AbortSignal,
): Promise<Found> {
  // One that hung before the look began is not waited for again.
  const hungBefore = memory.asked !== null && memory.asked.sinceMs < startedMs;
  if (!hungBefore) await sleep(LIFE_SIGN_AFTER_MS);
  if (told.aborted) return { failure: new AppError("cancelled"), condition: "answers" };
  const isDue = memory.condition === "hangs" || ageOf(memory.lifeSignAtMs, startedMs) >= LIFE_SIGN_EVERY_MS;
  const lives = isDue ? await showsLife(memory, agent) : false;
  const asked = memory.asked;
  if (lives && hungBefore && asked && mayBeLost(memory, asked)) {
    asked.giveUp();
    memory.asked = askStatus(clusterId, memory, agent, true);
    const found = await Promise.race([settled(memory.asked.answer), sleep(LIFE_SIGN_TIMEOUT_MS, null)]);
    if (found && "status" in found) return found;
  }
  const leftMs = startedMs + STATUS_PATIENCE_MS - Date.now();
  if (!hungBefore && leftMs > 0) await sleep(leftMs);
  // A timer that comes late was held up by this process itself, and so was an answer: it is given the same time again.
  const heldUpMs = Date.now() - startedMs - STATUS_PATIENCE_MS;
  if (!hungBefore && heldUpMs > HELD_UP_MS) await sleep(Math.min(2 * heldUpMs, STATUS_PATIENCE_MS));
  const failure = new AppError("agent-timeout", { params: { address: agent.address } });
  return { failure, condition: lives ? "hangs" : "silent" };
}

/** A host that came back may have lost the question with its connections. */
const mayBeLost = ({ condition }: Memory, { isSecond, sinceMs }: Question): boolean =>
  condition !== "hangs" || (!isSecond && ageOf(sinceMs) > STATUS_LOST_AFTER_MS);

async function showsLife(memory: Memory, agent: AgentClient): Promise<boolean> {
  memory.lifeSignAtMs = Date.now();
  if (await readClock(memory, agent, LIFE_SIGN_TIMEOUT_MS)) return true;
  return memory.condition === "hangs" && ageOf(memory.skewAtMs) < LIVED_MS;
}

/** Whether it told its time, which needs no database. */
async function readClock(memory: Memory, agent: AgentClient, timeoutMs: number): Promise<boolean> {
  const clock = await agent.clock({ timeoutMs }).catch(() => null);
  if (clock) Object.assign(memory, { skewMs: clock.skewMs, skewAtMs: Date.now() });
  return clock !== null;
}

/** Now and then the clock, and once where the observer lives: needed when nobody can be asked for it any more. */
async function measure(memory: Memory, agent: AgentClient): Promise<void> {
  if (memory.homePath === null) {
    memory.homePath = "";
    const remember = ({ homePath }: { homePath: string }) => void (memory.homePath = homePath);
    agent.info({ timeoutMs: INFO_TIMEOUT_MS }).then(remember, () => void (memory.homePath = null));
  }
  if (ageOf(memory.skewAtMs) > CLOCK_EVERY_MS) await readClock(memory, agent, CLOCK_TIMEOUT_MS);
}

/** No connection in time, or no way there, is silence. */
const NO_ANSWER = new Set([
  "UND_ERR_CONNECT_TIMEOUT",
  "ETIMEDOUT",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "EHOSTDOWN",
  "ENETDOWN",
]);
/** This process could not even ask: that says nothing about the other side. */
const NOT_ASKED = new Set(["EMFILE", "ENFILE", "ENOBUFS", "ENOMEM", "EADDRNOTAVAIL", "EADDRINUSE"]);

/** Whoever answers with no, or breaks off what was begun, has refused. */
function conditionOf(failure: AppError, before: AgentCondition | null): AgentCondition {
  if (failure.kind !== "agent-unreachable") return "unreadable";
  const code = errorCode(failure.cause);
  if (NOT_ASKED.has(code)) return before === null || before === "answers" ? "silent" : before;
  return NO_ANSWER.has(code) ? "silent" : "refused";
}
