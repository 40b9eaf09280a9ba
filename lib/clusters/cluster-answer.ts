import "server-only";
import { ageOf } from "../clock";
import { isAppError, type AppError } from "../errors";
import type { ReportedCluster } from "../obshell/schema";
import { singleton } from "../singleton";
import { agentOf } from "./registry";

/** After this long the answer is overdue, and everything else goes on without it. */
export const OVERDUE_MS = 5_000;
/** An answer counts as one of now for this long. */
const CURRENT_MS = 15_000;
/** An agent asks every other one for up to 3 minutes each; whoever asks it again meanwhile doubles that. */
const LEFT_RUNNING_MS = 10 * 60_000;
/** After one that was overdue, as long as an agent does not answer. */
const PAUSE_MS = 15_000;

/** `/obcluster/info`, as one agent put it together by asking all others (findings A1, protocol §4.4). */
export interface ClusterAnswer {
  reported: ReportedCluster;
  by: string;
  /** Unix ms of the question: what it tells may be as old as that. */
  askedAtMs: number;
  tookMs: number;
}

interface Going {
  by: string;
  sinceMs: number;
  end: Promise<void>;
  giveUp: () => void;
}

interface Memory {
  going: Going | null;
  /** The last whole answer. */
  last: ClusterAnswer | null;
  /** The last answer, also one of an agent that could tell the members alone. */
  newest: ClusterAnswer | null;
  /** The newest question that was not answered in whole, until one is; `error` null when members alone came. */
  refused: { error: AppError | null; by: string; atMs: number } | null;
  /** Since when no question was answered in whole and in time; null while the last one was. */
  lateSinceMs: number | null;
  /** When an answer last came too late: then it is not asked for at once. */
  lateAtMs: number;
}

const memories = () => singleton("clusters.answers", () => new Map<string, Memory>());

function memoryOf(clusterId: string): Memory {
  const known = memories().get(clusterId);
  if (known) return known;
  const fresh: Memory = { going: null, last: null, newest: null, refused: null, lateSinceMs: null, lateAtMs: 0 };
  memories().set(clusterId, fresh);
  return fresh;
}

/** What was known of the cluster before it was registered anew is not its own any more. */
export function forgetClusterAnswer(clusterId: string): void {
  memories().get(clusterId)?.going?.giveUp();
  memories().delete(clusterId);
}

/**
 * Sees to it that one agent is being asked, and never two: one that does not answer is left running. Resolves when the
 * question that is going ends; null when none is going, because the last one has only just failed.
 */
export function askCluster(
  clusterId: string,
  by: string,
  { allAnswered, onEnd }: { allAnswered: boolean; onEnd: () => void },
): Promise<void> | null {
  const memory = memoryOf(clusterId);
  if (memory.going) return memory.going.end;
  if (ageOf(memory.lateAtMs) < PAUSE_MS && !allAnswered) return null;
  const leaving = new AbortController();
  const sinceMs = Date.now();
  const options = { timeoutMs: LEFT_RUNNING_MS, signal: leaving.signal };
  const end = agentOf(clusterId, by)
    .cluster(options)
    .then(
      (reported) => {
        memory.newest = { reported, by, askedAtMs: sinceMs, tookMs: Date.now() - sinceMs };
        memory.refused = reported.isWhole ? null : { error: null, by, atMs: Date.now() };
        if (reported.isWhole) memory.last = memory.newest;
      },
      (error: unknown) => {
        if (!isAppError(error)) throw error;
        if (!leaving.signal.aborted) memory.refused = { error, by, atMs: Date.now() };
      },
    )
    .finally(() => {
      memory.going = null;
      const isLate = ageOf(sinceMs) > OVERDUE_MS;
      memory.lateSinceMs = isLate || memory.refused ? (memory.lateSinceMs ?? sinceMs) : null;
      if (isLate && !leaving.signal.aborted) memory.lateAtMs = Date.now();
      onEnd();
    });
  end.catch(() => undefined);
  memory.going = { by, sinceMs, end, giveUp: () => leaving.abort() };
  return end;
}

/** An agent that no longer says its own status does not come to this answer either: another one may be asked. */
export function leaveClusterAnswer(clusterId: string, isWell: (address: string) => boolean): void {
  const { going } = memoryOf(clusterId);
  if (going && ageOf(going.sinceMs) > OVERDUE_MS && !isWell(going.by)) going.giveUp();
}

/** How the newest answer stands: `current` while it may be taken for the truth of now. */
export function clusterAnswer(clusterId: string) {
  const { going, last, newest, refused, lateSinceMs } = memoryOf(clusterId);
  const isOverdue = going !== null && ageOf(going.sinceMs) > OVERDUE_MS;
  const isCurrent =
    last !== null && !isOverdue && refused === null && last.tookMs <= OVERDUE_MS && ageOf(last.askedAtMs) <= CURRENT_MS;
  const sinceMs = lateSinceMs ?? going?.sinceMs ?? null;
  const asked = going?.by ?? newest?.by ?? null;
  return { last, newest, refused, isCurrent, isOverdue, sinceMs, asked };
}
