import { ageOf } from "../clock";
import type { Topology } from "../clusters/schema";
import type { Clock } from "../clock";
import { AppError, isAppError } from "../errors";
import type { SubTask } from "../obshell/schema";
import { assembleRun, silentDag, type SentFacts } from "./assemble-run";
import { createChangeLog } from "./change-log";
import { createEngineView } from "./engine-view";
import { hasEnded } from "./engine-words";
import { backOffMs, createRate, periodMs, TOPOLOGY_MS } from "./rhythm";
import { createRunSource, type RunSourceOptions } from "./run-source";
import type { Outcome, Run, RunAnswer } from "./schema";
import { createSurroundings } from "./surroundings";
import { whyUntold } from "./untold";

/** The reader rests when nobody has asked for this long. */
const WATCHED_MS = 20_000;
/** A failed run can be taken up again by others, so whoever views it makes the reader look again. */
const LOOK_AGAIN_MS = 5_000;
/** After the end the cluster's own rhythm is enough for what the servers do. */
const SETTLED_PICTURE_MS = 6_000;
/** The first answer waits this long for the zones, which only group the servers. */
const ZONES_MS = 1_000;
const SHORTEST_PAUSE_MS = 50;
/** Nobody said anything about the run, or that they do not know it. */
const UNTOLD: ReadonlySet<string> = new Set(["agent-unreachable", "agent-timeout", "peer-failed", "task-not-found"]);

export interface RunReaderOptions extends Omit<RunSourceOptions, "clock"> {
  cluster: Run["cluster"];
  sent: () => SentFacts;
  /** What the engine calls it, for as long as no agent has told. */
  name: string;
  readClock: (address: string, signal: AbortSignal) => Promise<number>;
  readTopology: (maxAgeMs?: number) => Promise<Topology>;
  /** What an earlier reader found at the end of this run. */
  verdict: Verdict | null;
  onVerdict: (verdict: Verdict) => void;
  /** The reader has come to its end and must not be asked again. */
  onEnd: () => void;
  clock: Clock;
  random: () => number;
}

/** What was found at one end of a run; a retry brings another end. */
export interface Verdict {
  endedAt: string | null;
  outcome: Outcome;
}

export interface RunReader {
  read(since?: number): Promise<RunAnswer>;
  /** Looks at once, at the run and at the servers, and where the coordinator is silent asks everybody else. */
  look(): void;
  /** The run as last told; null before that. */
  run(): Run | null;
  /** A task with its log as last seen. */
  task(id: string): SubTask | null;
  ageMs(): number;
  stop(): void;
}

/** The one reader of a run in this process. Every viewer is answered from its snapshot (ux L-1). */
export function createRunReader(options: RunReaderOptions): RunReader {
  const { clock, owner } = options;
  const rate = createRate(clock);
  const stopping = new AbortController();
  const { signal } = stopping;
  const counted =
    <Question extends unknown[], T>(read: (...question: Question) => Promise<T>) =>
    async (...question: Question): Promise<T> => {
      rate.count();
      // What throws at once, as for a cluster that was removed, fails like what fails later: nobody's promise is dropped.
      return read(...question);
    };
  const source = createRunSource({
    ...options,
    readDag: counted(options.readDag),
    readNode: counted(options.readNode),
  });
  const around = createSurroundings({
    clock,
    readClock: counted(() => options.readClock(owner ?? "", signal)),
    readTopology: options.readTopology,
  });
  const engine = createEngineView(source, { clock, signal, skewMs: around.skewMs });
  const changes = createChangeLog(clock());
  const first = createSignal();
  let askedMs = clock();
  let waiting = 0;
  let serversReadMs = 0;
  let lookAgain = false;
  /** Somebody waits for what the next look at the servers finds. */
  let isWanted = false;
  let isTold = true;
  let verdict = options.verdict;
  let wake: () => void = () => undefined;

  const isSettled = () => changes.run()?.settled ?? false;
  const isOver = () => {
    const dag = engine.dag();
    return dag !== null && hasEnded(dag);
  };
  const isWatched = () => waiting > 0 || ageOf(askedMs, clock()) <= WATCHED_MS;
  const readAtMs = () => Math.max(engine.readAtMs(), isOver() ? serversReadMs : 0);
  // The store's clock wrote when it was accepted.
  const ageMs = () => (engine.dag() ? ageOf(readAtMs(), clock()) : Math.max(0, clock() - acceptedMs()));
  const acceptedMs = () => Date.parse(options.sent().acceptedAt ?? "") || clock();

  async function pass(): Promise<void> {
    const wasOver = isOver();
    if (!wasOver || lookAgain) {
      const canMeasure = owner !== null && source.readFrom() === null;
      await Promise.all([engine.read(), canMeasure ? around.measureClock() : null]);
      lookAgain = false;
    }
    if (!isOver()) return isInTrouble() ? lookAtServers() : around.forgetServers();
    if (!wasOver) {
      publish(); // the end is told before the servers were looked at
      around.forgetServers();
    }
    await lookAtServers();
  }

  /** While a run goes well, its own steps say enough. */
  const isInTrouble = () => {
    const run = changes.run();
    return run !== null && (run.problems.length > 0 || run.offers.some(({ kind }) => kind === "escalate"));
  };

  async function lookAtServers(maxAgeMs?: number): Promise<void> {
    if (!(await around.readServers(isWanted ? 0 : maxAgeMs))) return;
    serversReadMs = clock();
    isTold = !isWanted;
    isWanted = false;
  }

  function publish(): void {
    const silence = source.silence();
    const dag = engine.dag();
    const sent = options.sent();
    const fromAudit = sent.acceptedAt !== null && silence !== null && UNTOLD.has(silence.kind);
    if (dag === null && silence && !fromAudit) throw unknownRun(silence);
    const known = dag ?? (fromAudit ? silentDag(options.runId, options.name) : null);
    if (known === null) return;
    const { run, tasks } = assembleRun(known, {
      cluster: options.cluster,
      sent,
      coordinator: owner ?? source.readFrom() ?? "",
      zoneOf: around.zoneOf(),
      skewMs: around.skewMs(),
      readAtMs: dag ? readAtMs() : acceptedMs(),
      nowMs: clock(),
      readFrom: source.readFrom(),
      silence: silence && { kind: silence.kind, message: silence.facts.agentMessage ?? "" },
      topology: around.topology(),
      endedMs: engine.endedMs(),
      sawEnd: engine.sawEnd(),
      verdict: verdict && verdict.endedAt === known.endedAt ? verdict.outcome : null,
    });
    if (run.settled && engine.sawEnd() && verdict?.endedAt !== run.endedAt) {
      verdict = { endedAt: run.endedAt, outcome: run.outcome };
      options.onVerdict(verdict);
    }
    changes.put(run, tasks, !isTold);
    isTold = true;
    first.resolve();
  }

  function unknownRun(silence: AppError): AppError {
    // Only when nobody knows the run is it unknown; a wrong password or key is told as what it is.
    if (!UNTOLD.has(silence.kind)) return silence;
    const why = owner === null ? "nobody" : whyUntold(silence.kind);
    return new AppError("run-unknown", { ...silence.facts, params: { id: options.runId, address: owner ?? "", why } });
  }

  async function watch(): Promise<void> {
    let failures = 0;
    const zones = around.readZones();
    while (!signal.aborted && isWatched()) {
      if (isSettled() && !lookAgain) {
        await lookAtServers(SETTLED_PICTURE_MS);
        if (signal.aborted) return;
        publish();
        await pause(WATCHED_MS / 4);
        continue;
      }
      const startedMs = clock();
      const readsBefore = rate.total();
      try {
        await pass();
        failures = 0;
      } catch (error) {
        if (!isAppError(error)) throw error; // a fault of our own must not look like silence
        failures += 1;
        publish();
        // The servers themselves can be looked at while nobody tells about their run (ux §11).
        if (isOver() || source.silence() !== null) await lookAtServers();
      }
      if (changes.run() === null && engine.dag()) await Promise.race([zones, pause(ZONES_MS)]);
      if (signal.aborted) return;
      publish();
      const rhythmMs = isOver() ? TOPOLOGY_MS : periodMs(rate.total() - readsBefore);
      const restMs = Math.max(SHORTEST_PAUSE_MS, rhythmMs - ageOf(startedMs, clock()));
      await pause(failures > 0 ? backOffMs(failures, options.random()) : restMs);
    }
  }

  function pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  function stop(): void {
    if (signal.aborted) return;
    stopping.abort();
    wake();
    first.reject(new AppError("cancelled"));
    options.onEnd();
  }

  /** A failed run that has settled is looked at again for a viewer who comes later. */
  function lookAgainIfOld(): void {
    const state = changes.run()?.state;
    const mayGoOn = state === "FAILED" || state === "CANCELLED";
    if (!isSettled() || !mayGoOn || lookAgain || ageOf(engine.readAtMs(), clock()) <= LOOK_AGAIN_MS) return;
    lookAgain = true;
    wake();
  }

  watch().then(stop, (error: unknown) => {
    first.reject(error);
    stop();
  });

  return {
    look() {
      source.askEverybody();
      lookAgain = true;
      isWanted = true;
      wake();
    },
    async read(since) {
      askedMs = clock();
      waiting += 1;
      await first.promise.finally(() => (waiting -= 1));
      lookAgainIfOld();
      return { ...changes.since(since), ageMs: ageMs(), upstreamPerSecond: rate.perSecond() };
    },
    run: () => changes.run(),
    task: (id) =>
      engine
        .dag()
        ?.nodes.flatMap((node) => node.subTasks)
        .find((task) => task.id === id) ?? null,
    ageMs,
    stop,
  };
}

/** A promise that others settle. Nobody need be waiting when it fails. */
function createSignal() {
  let resolve: () => void = () => undefined;
  let reject: (error: unknown) => void = () => undefined;
  const promise = new Promise<void>((settle, fail) => {
    resolve = settle;
    reject = fail;
  });
  promise.catch(() => undefined);
  return { promise, resolve, reject };
}
