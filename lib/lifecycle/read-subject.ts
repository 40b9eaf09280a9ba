import "server-only";
import { attemptOfRun } from "../audit/journal";
import { nullIfAppError } from "../errors";
import type { Dag } from "../obshell/schema";
import { singleton } from "../singleton";
import { askOwner } from "../tasks/agents";

const LIGHT_TIMEOUT_MS = 5_000;
/** With details the agent reads the log of every task; a large cluster takes its time. */
const FULL_TIMEOUT_MS = 20_000;
const SHAPES_KEPT = 200;

/** A run that something is to be done with, as far as it can be read. */
export interface Subject {
  id: string;
  /** Its stages and sub DAGs are empty where only its state could be read; null: no agent tells about it. */
  dag: Dag | null;
  by: string | null;
  /** null: not known, because this console did not send it. */
  targets: readonly string[] | null;
}

/** What never changes in a run once every agent has its part. */
type Shape = Pick<Dag, "nodes" | "subDags" | "startedAt">;
const shapes = () => singleton("lifecycle.shapes", () => new Map<string, Shape>());

/** Read with its details once; afterwards its state alone is asked for, because plans look at it again and again. */
export async function readSubject(clusterId: string, id: string): Promise<Subject> {
  const [dag, attempt] = await Promise.all([
    readDag(clusterId, id).catch(nullIfAppError),
    attemptOfRun(clusterId, id).catch(nullIfAppError),
  ]);
  const targets = attempt?.opened.detail.targets ?? [];
  return { id, dag, by: attempt?.opened.by ?? null, targets: targets.length > 0 ? targets : null };
}

async function readDag(clusterId: string, id: string): Promise<Dag> {
  const ask = (details: boolean) =>
    askOwner(clusterId, id, (agent) =>
      agent.dag(id, { details, timeoutMs: details ? FULL_TIMEOUT_MS : LIGHT_TIMEOUT_MS }),
    );
  const key = `${clusterId} ${id}`;
  const known = shapes().get(key);
  const light = await ask(false);
  // An agent that lost its store gives ids anew.
  if (known && known.startedAt === light.startedAt) return { ...light, ...known };
  const full = await ask(true).catch(nullIfAppError);
  if (!full) return light;
  // In its first stage the agents are still getting their parts.
  const nodes = full.nodes.map((node) => ({ ...node, subTasks: [] }));
  if (full.stage > 1) keep(key, { nodes, subDags: full.subDags, startedAt: full.startedAt });
  return full;
}

function keep(key: string, shape: Shape): void {
  const kept = shapes();
  kept.set(key, shape);
  const [oldest] = kept.keys();
  if (kept.size > SHAPES_KEPT && oldest !== undefined) kept.delete(oldest);
}
