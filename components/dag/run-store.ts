import type { Failure } from "@/lib/errors";
import type { Run, RunAnswer, RunTask } from "@/lib/tasks/schema";
import { createEngineClock, type EngineClock } from "./engine-clock";
import { markOf, rankOf, type TaskMark } from "./task-look";

/** The coordinator's own one-task stages; no agent address is empty. */
export const COORDINATOR = "";

/** One agent and what its tasks come to. Replaced, never changed, whenever one of its tasks changes. */
export interface Row {
  agent: string;
  zone: string;
  /** False: it only takes part, because every agent does (ux E7). */
  target: boolean;
  /** Place in address order. */
  place: number;
  mark: TaskMark;
  /** Start of the oldest unfinished task, ms; Infinity without one. */
  since: number;
  /** By stage. */
  tasks: ReadonlyMap<number, RunTask>;
}

export interface Age {
  /** Date.now() at which what is on screen was true; null before the first answer. */
  asOfMs: number | null;
  /** Date.now() since which the console does not answer; null while it does. */
  offlineSinceMs: number | null;
  /** Why the last read failed; null after a good one. */
  failure: Failure | null;
  paused: boolean;
  upstreamPerSecond: number;
}

type Topic = "run" | "rows" | "age" | `row:${string}`;

export interface RunStore {
  readonly clock: EngineClock;
  run(): Run | null;
  rows(): ReadonlyMap<string, Row>;
  row(agent: string): Row | undefined;
  task(id: string): RunTask | undefined;
  age(): Age;
  /** Grows with every change to any row. */
  version(): number;
  /** Version of the server side, to be handed back as `since`; undefined asks for everything. */
  since(): number | undefined;
  apply(answer: RunAnswer): void;
  fail(failure: Failure): void;
  pause(paused: boolean): void;
  subscribe(topic: Topic): (listener: () => void) => () => void;
}

const byAddress = new Intl.Collator("en", { numeric: true });

/** What is known of one run. Each row is its own topic, so that an update touches the rows on screen that changed. */
export function createRunStore(first: RunAnswer | null, failure: Failure | null = null): RunStore {
  const listeners = new Map<Topic, Set<() => void>>();
  const subscribers = new Map<Topic, (listener: () => void) => () => void>();
  const tasks = new Map<string, RunTask>();
  const rows = new Map<string, Row>();
  const clock = createEngineClock();
  let run: Run | null = null;
  let rowsVersion = 0;
  let since: number | undefined;
  let age: Age = { asOfMs: null, offlineSinceMs: null, failure, paused: false, upstreamPerSecond: 0 };

  const tell = (topic: Topic) => listeners.get(topic)?.forEach((listener) => listener());

  function takeTasks(answer: RunAnswer): Set<string> {
    const dirty = new Set<string>();
    for (const task of answer.tasks) {
      const known = tasks.get(task.id);
      if (known && isSame(known, task)) continue;
      tasks.set(task.id, task);
      dirty.add(task.agent ?? COORDINATOR);
    }
    return dirty;
  }

  function rebuild(dirty: ReadonlySet<string>, everyRow: boolean): string[] {
    if (!run) return [];
    const targets = run.targets ? new Set(run.targets) : null;
    const names = new Set([...rows.keys(), ...dirty, ...(run.targets ?? [])]);
    names.add(COORDINATOR);
    const grown = names.size !== rows.size;
    const cells = tasksByAgent(tasks.values(), grown || everyRow ? names : dirty);
    const ordered = grown ? [...names].sort(byAddress.compare) : null;
    const changed: string[] = [];
    for (const agent of ordered ?? names) {
      const old = rows.get(agent);
      const place = ordered ? changed.length : (old?.place ?? 0);
      if (old && !grown && !everyRow && !dirty.has(agent)) continue;
      const own = cells.get(agent) ?? new Map<number, RunTask>();
      rows.set(agent, {
        agent,
        zone: run.zoneOf[agent] ?? "",
        target: targets?.has(agent) ?? true,
        place,
        ...summary(own),
        tasks: own,
      });
      changed.push(agent);
    }
    return changed;
  }

  function apply(answer: RunAnswer): void {
    const before = run;
    if (answer.full) tasks.clear();
    const dirty = takeTasks(answer);
    if (answer.run) run = answer.run;
    since = answer.version;
    clock.set(run, answer.ageMs);
    const changed = rebuild(dirty, answer.full || (run !== before && shapeOf(run) !== shapeOf(before)));
    if (changed.length > 0) rowsVersion += 1;
    age = {
      ...age,
      asOfMs: Date.now() - answer.ageMs,
      offlineSinceMs: null,
      failure: null,
      upstreamPerSecond: answer.upstreamPerSecond,
    };
    if (run !== before) tell("run");
    for (const agent of changed) tell(`row:${agent}`);
    if (changed.length > 0) tell("rows");
    tell("age");
  }

  if (first) apply(first);
  return {
    clock,
    run: () => run,
    rows: () => rows,
    row: (agent) => rows.get(agent),
    task: (id) => tasks.get(id),
    age: () => age,
    version: () => rowsVersion,
    since: () => since,
    apply,
    fail(next) {
      const offlineSinceMs = next.kind === "console-unreachable" ? (age.offlineSinceMs ?? Date.now()) : null;
      age = { ...age, failure: next, offlineSinceMs };
      tell("age");
    },
    pause(paused) {
      age = { ...age, paused };
      tell("age");
    },
    subscribe(topic) {
      const known = subscribers.get(topic);
      if (known) return known;
      const subscriber = (listener: () => void) => {
        let set = listeners.get(topic);
        if (!set) listeners.set(topic, (set = new Set()));
        set.add(listener);
        return () => void set.delete(listener);
      };
      subscribers.set(topic, subscriber);
      return subscriber;
    },
  };
}

/** What of the run decides how rows are grouped and named. */
const shapeOf = (run: Run | null): string =>
  run ? `${run.state} ${run.targets?.length ?? "-"} ${Object.keys(run.zoneOf).length} ${run.stages.length}` : "";

function tasksByAgent(all: Iterable<RunTask>, wanted: ReadonlySet<string>): Map<string, Map<number, RunTask>> {
  const cells = new Map<string, Map<number, RunTask>>();
  for (const task of all) {
    const agent = task.agent ?? COORDINATOR;
    if (!wanted.has(agent)) continue;
    let own = cells.get(agent);
    if (!own) cells.set(agent, (own = new Map()));
    const rival = own.get(task.stage);
    if (!rival || rankOf(markOf(task)) < rankOf(markOf(rival))) own.set(task.stage, task);
  }
  return cells;
}

function summary(own: ReadonlyMap<number, RunTask>): { mark: TaskMark; since: number } {
  let mark: TaskMark | null = null;
  let since = Infinity;
  for (const task of own.values()) {
    const one = markOf(task);
    if (mark === null || rankOf(one) < rankOf(mark)) mark = one;
    if (task.startedAt && !task.endedAt) since = Math.min(since, Date.parse(task.startedAt));
  }
  return { mark: mark ?? "waiting", since };
}

const isSame = (a: RunTask, b: RunTask): boolean =>
  a.state === b.state &&
  a.operator === b.operator &&
  a.stuck === b.stuck &&
  a.startedAt === b.startedAt &&
  a.endedAt === b.endedAt &&
  a.executeTimes === b.executeTimes &&
  a.stage === b.stage &&
  a.agent === b.agent;
