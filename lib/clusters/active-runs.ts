import { beganAt, earliest } from "../obshell/began-at";
import type { Dag } from "../obshell/schema";
import { taskOwner } from "../obshell/wire/task-id";
import type { ActiveRun, Hold } from "./schema";

/** An agent's maintenance lock: the task that holds it, as that agent tells. */
export interface Lock {
  agent: string;
  dag: Dag;
}

/** A main DAG by its id; null when nobody tells about it. */
export type Mains = ReadonlyMap<string, Dag | null>;

const MAIN_NAME: Readonly<Record<string, string>> = { "Start observer": "Start OB", "Stop observer": "Stop OB" };

/** A main DAG that has not ended by the word of its own agent. */
export const isGoing = (main: Dag): boolean => main.state !== "FAILED" && main.state !== "SUCCEED";

/** A passed sub DAG holds nothing (protocol §7.2). */
export const holdsLock = (dag: Dag): boolean => dag.state !== "SUCCEED";

/**
 * Who holds the agents. Pure. A main DAG that nobody tells about is listed as UNKNOWN and as holding: its locks are
 * real, while neither "it is going" nor "it is over" is known. A lock that names no main DAG is neither a start nor a
 * stop, and no `forcePassDag` releases it (protocol §7.5).
 */
export function activeRunsOf(locks: readonly Lock[], mains: Mains): ActiveRun[] {
  const held = locks
    .filter(({ dag }) => holdsLock(dag))
    .sort((left, right) => left.agent.localeCompare(right.agent, "en", { numeric: true }));
  const ids = [...new Set(held.flatMap(({ dag }) => dag.mainDagId ?? []))];
  const ours = ids.map((id) => {
    const own = held.filter(({ dag }) => dag.mainDagId === id);
    const main = mains.get(id);
    return main ? toRun(main, own) : unknownRun(id, own);
  });
  // In its first second and its last step, or taken up again after its agents were let go, a run holds nobody.
  const free = [...mains].flatMap(([id, main]) =>
    main && isGoing(main) && !ids.includes(id) ? [toRun(main, [])] : [],
  );
  return [...ours, ...free, ...held.filter(({ dag }) => dag.mainDagId === null).map(foreignRun)];
}

const toHold = ({ agent, dag }: Lock): Hold => ({
  agent,
  taskId: dag.id,
  state: dag.state,
  stage: dag.stage,
  maxStage: dag.maxStage,
  since: beganAt(dag),
});

const toRun = (main: Dag, locks: readonly Lock[]): ActiveRun => ({
  ...picked(main),
  // Its parts were made at its beginning, and are read in full; its own time may be that of a RETRY or CANCEL.
  startedAt: earliest([beganAt(main), ...locks.map(({ dag }) => beganAt(dag))]),
  holdsMaintenance: !isGoing(main),
  coordinator: taskOwner(main.id),
  holds: locks.map(toHold),
  releasable: true,
});

const foreignRun = (lock: Lock): ActiveRun => ({
  ...picked(lock.dag),
  holdsMaintenance: true,
  coordinator: null,
  holds: [toHold(lock)],
  releasable: false,
});

const picked = (dag: Dag) => ({
  id: dag.id,
  name: dag.name,
  state: dag.state,
  operator: dag.operator,
  stage: dag.stage,
  maxStage: dag.maxStage,
  startedAt: beganAt(dag),
});

const unknownRun = (id: string, locks: readonly Lock[]): ActiveRun => ({
  id,
  name: locks.map(({ dag }) => MAIN_NAME[dag.name]).find((name) => name !== undefined) ?? "",
  state: "UNKNOWN",
  operator: "UNKNOWN",
  stage: 0,
  maxStage: 0,
  startedAt: earliest(locks.map(({ dag }) => beganAt(dag))),
  holdsMaintenance: true,
  coordinator: taskOwner(id),
  holds: locks.map(toHold),
  releasable: true,
});
