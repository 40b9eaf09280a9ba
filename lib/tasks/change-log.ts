import type { Run, RunAnswer, RunTask } from "./schema";

/** A run that did not change is handed out again after this long, so that the browser's clock can follow (ux D-12). */
const REFRESH_MS = 10_000;

interface Entry {
  task: RunTask;
  /** Version at which it last changed. */
  version: number;
}

/** Remembers at which version each part of a run last changed, so that a viewer is told only what is new to it. */
export function createChangeLog(firstVersion: number) {
  const entries = new Map<string, Entry>();
  let version = firstVersion;
  let run: Run | null = null;
  let content = "";
  let runVersion = firstVersion;
  let tasksVersion = firstVersion;

  /** `isWanted`: somebody asked for a look, and waits for what it found. */
  function put(next: Run, tasks: readonly RunTask[], isWanted = false): void {
    const nextContent = contentOf(next);
    const runChanged =
      isWanted || run === null || content !== nextContent || next.consoleNowMs - run.consoleNowMs >= REFRESH_MS;
    const changed = tasks.filter((task) => {
      const known = entries.get(task.id);
      return known === undefined || !isSame(known.task, task);
    });
    if (!runChanged && changed.length === 0) return;
    version += 1;
    for (const task of changed) entries.set(task.id, { task, version });
    if (changed.length > 0) tasksVersion = version;
    if (runChanged) {
      run = next;
      content = nextContent;
      runVersion = version;
    }
  }

  function since(asked: number | undefined): Pick<RunAnswer, "version" | "run" | "tasks" | "full"> {
    // A version from before this log began, or from another console, says nothing here.
    if (asked === undefined || asked <= firstVersion || asked > version) {
      return { version, run, tasks: [...entries.values()].map((entry) => entry.task), full: true };
    }
    const tasks =
      tasksVersion <= asked ? [] : [...entries.values()].flatMap((entry) => (entry.version > asked ? entry.task : []));
    return { version, run: runVersion > asked ? run : null, tasks, full: false };
  }

  return { put, since, run: () => run };
}

/** The time of a look moves with every look and is no change by itself; for the reader it may be off by a little. */
const contentOf = ({ consoleNowMs: _consoleNowMs, now, outcome, ...rest }: Run): string =>
  JSON.stringify({ ...rest, now: now && rounded(now), outcome: rounded(outcome) });

const rounded = <T extends { checkedAt: string | null }>(look: T): T => ({
  ...look,
  checkedAt: look.checkedAt && String(Math.floor(Date.parse(look.checkedAt) / REFRESH_MS)),
});

const isSame = (a: RunTask, b: RunTask): boolean =>
  a.state === b.state &&
  a.operator === b.operator &&
  a.stuck === b.stuck &&
  a.startedAt === b.startedAt &&
  a.endedAt === b.endedAt &&
  a.executeTimes === b.executeTimes &&
  a.agent === b.agent &&
  a.stage === b.stage;
