import type { Topology } from "../clusters/schema";
import type { Clock } from "../clock";
import { AppError, isAppError } from "../errors";
import type { Dag, DagNode, SubTask } from "../obshell/schema";
import { assembleRun, silentDag, type SentFacts } from "./assemble-run";
import { createChangeLog } from "./change-log";
import { hasEnded, isParallel } from "./engine-words";
import { REPORT_MS } from "./outcome";
import { backOffMs, createRate, detailMs, periodMs, TOPOLOGY_MS } from "./rhythm";
import { createRunSource, type RunSourceOptions } from "./run-source";
import type { Outcome, Run, RunAnswer } from "./schema";

/** The reader rests when nobody has asked for this long. */
const WATCHED_MS = 20_000;
const CLOCK_EVERY_MS = 60_000;
const CLOCK_NOISE_MS = 250;
/** A failed run can be taken up again by others, so a viewer that comes later makes the reader look again. */
const LOOK_AGAIN_MS = 15_000;
/** The first answer waits this long for the zones, which only group the servers. */
const ZONES_MS = 1_000;

export interface RunReaderOptions extends Omit<RunSourceOptions, "clock"> {
  cluster: Run["cluster"];
  sent: () => SentFacts;
  /** When the agent took the run, as the audit knows it; null when this console did not send it. */
  acceptedAt: string | null;
  readClock: (address: string, signal: AbortSignal) => Promise<number>;
  readTopology: (maxAgeMs?: number) => Promise<Topology>;
  /** What an earlier reader found at the end of this run. */
  verdict: Outcome | null;
  onVerdict: (outcome: Outcome) => void;
  /** The reader has come to its end and must not be asked again. */
  onEnd: () => void;
  clock: Clock;
  random: () => number;
}

export interface RunReader {
  read(since?: number): Promise<RunAnswer>;
  /** The run as last told; null before that. */
  run(): Run | null;
  /** A task with its log as last seen. */
  task(id: string): SubTask | null;
  ageMs(): number;
  stop(): void;
}

/** The one reader of a run in this process. Every viewer is answered from its snapshot (ux L-1). */
export function createRunReader(options: RunReaderOptions): RunReader {
  const { clock } = options;
  const rate = createRate(clock);
  const stopping = new AbortController();
  const { signal } = stopping;
  const source = createRunSource({
    ...options,
    readDag: (...question) => {
      rate.count();
      return options.readDag(...question);
    },
    readNode: (...question) => {
      rate.count();
      return options.readNode(...question);
    },
  });
  const changes = createChangeLog(clock());
  let dag: Dag | null = null;
  let readAtMs = 0;
  let nodeReadMs = 0;
  let askedMs = clock();
  let lookedMs = 0;
  let lookAgain = false;
  let sawLive = false;
  let endedMs: number | null = null;
  let sawEnd = false;
  let skewMs = 0;
  let clockReadMs = -Infinity;
  let topology: Topology | null = null;
  let zoneOf: Run["zoneOf"] = {};
  let verdict = options.verdict;
  let wake: () => void = () => undefined;
  const first = createSignal();

  const isSettled = () => changes.run()?.settled ?? false;

  async function readEngine(): Promise<void> {
    const before = dag;
    if (before === null) return take(await source.dag(true, signal));
    const node = before.nodes[before.stage - 1];
    const nodeDue = node && !hasEnded(before) && clock() - nodeReadMs >= detailMs(agentsOf(before)) ? node : null;
    if (nodeDue) nodeReadMs = clock();
    const [summary, detail] = await Promise.all([
      source.dag(false, signal),
      nodeDue ? source.node(nodeDue.id, signal).catch(() => null) : null,
    ]);
    const moved = summary.stage !== before.stage || hasEnded(summary) !== hasEnded(before);
    take(moved ? await source.dag(true, signal) : merge(before, summary, detail));
  }

  function take(next: Dag): void {
    dag = next;
    readAtMs = lookedMs = clock();
    lookAgain = false;
    if (next.nodes.length > 0 && nodeReadMs === 0) nodeReadMs = readAtMs;
    if (!hasEnded(next)) {
      sawLive = true;
      endedMs = null;
      return;
    }
    if (endedMs !== null) return;
    endedMs = next.endedAt ? Math.min(readAtMs, Date.parse(next.endedAt) - skewMs) : readAtMs;
    // What was watched ended just now, whatever the clocks of the hosts say.
    if (sawLive) endedMs = Math.max(endedMs, readAtMs - TOPOLOGY_MS);
    sawEnd = sawLive || readAtMs - endedMs < REPORT_MS;
  }

  /** Clock and zones: useful beside the run, and never in its way. */
  async function readAround(): Promise<void> {
    const { owner } = options;
    if (owner === null || source.readFrom() !== null || clock() - clockReadMs < CLOCK_EVERY_MS) return;
    clockReadMs = clock();
    rate.count();
    const measured = await options.readClock(owner, signal).catch(() => null);
    if (measured !== null && Math.abs(measured - skewMs) > CLOCK_NOISE_MS) skewMs = measured;
  }

  async function readZones(): Promise<void> {
    const seen = await options.readTopology().catch(() => null);
    if (seen) takeZones(seen);
  }

  function takeZones(seen: Topology): void {
    zoneOf = { ...zoneOf };
    for (const zone of seen.zones) for (const server of zone.servers) zoneOf[server.address] = zone.name;
  }

  async function readOutcome(): Promise<void> {
    // The first look is a new one: a picture from before the end says nothing about it.
    const seen = await options.readTopology(topology === null ? 0 : TOPOLOGY_MS - 1_000);
    topology = seen;
    takeZones(seen);
    readAtMs = clock();
  }

  async function pass(): Promise<void> {
    const over = dag !== null && hasEnded(dag);
    if (!over || lookAgain) await Promise.all([readEngine(), readAround()]);
    if (dag === null || !hasEnded(dag) || !needsOutcome()) return;
    if (!over) publish();
    await readOutcome().catch(() => undefined);
  }

  const needsOutcome = () => verdict === null && options.sent().targets !== null;

  function publish(): void {
    const silence = source.silence();
    if (dag === null && silence && (options.acceptedAt === null || !UNTOLD.has(silence.kind)))
      throw unknownRun(silence);
    const known = dag ?? (silence ? silentDag(options.runId, options.acceptedAt) : null);
    if (known === null) return;
    const { run, tasks } = assembleRun(known, {
      cluster: options.cluster,
      sent: options.sent(),
      coordinator: options.owner ?? source.readFrom() ?? "",
      zoneOf,
      skewMs,
      readAtMs: dag ? readAtMs : Date.parse(options.acceptedAt ?? ""),
      nowMs: clock(),
      readFrom: source.readFrom(),
      silence: silence && { kind: silence.kind, message: silence.facts.agentMessage ?? "" },
      topology,
      endedMs,
      sawEnd,
      verdict,
    });
    if (run.settled && run.state === "SUCCEEDED" && sawEnd && verdict === null) {
      verdict = run.outcome;
      options.onVerdict(verdict);
    }
    changes.put(run, tasks);
    first.resolve();
  }

  function unknownRun(silence: AppError): AppError {
    // Only when nobody knows the run is it unknown; a wrong password or key is told as what it is.
    if (!UNTOLD.has(silence.kind)) return silence;
    const { owner, runId } = options;
    return new AppError("run-unknown", { ...silence.facts, params: { id: runId, address: owner ?? "" } });
  }

  async function watch(): Promise<void> {
    let failures = 0;
    const zones = readZones();
    while (!signal.aborted && clock() - askedMs <= WATCHED_MS) {
      if (isSettled() && !lookAgain) {
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
      }
      if (changes.run() === null && dag !== null) await Promise.race([zones, pause(ZONES_MS)]);
      if (signal.aborted) return;
      publish();
      const tookMs = clock() - startedMs;
      const over = dag !== null && hasEnded(dag);
      const nextMs = over ? TOPOLOGY_MS - tookMs : periodMs(rate.total() - readsBefore) - tookMs;
      await pause(failures > 0 ? backOffMs(failures, options.random()) : Math.max(MIN_PAUSE_MS, nextMs));
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

  watch().then(stop, (error: unknown) => {
    first.reject(error);
    stop();
  });

  return {
    async read(since) {
      askedMs = clock();
      await first.promise;
      const state = changes.run()?.state;
      const mayGoOn = state === "FAILED" || state === "CANCELLED";
      if (isSettled() && mayGoOn && clock() - lookedMs > LOOK_AGAIN_MS) {
        lookAgain = true;
        wake();
      }
      const ageMs = Math.max(0, clock() - (changes.run()?.consoleNowMs ?? readAtMs));
      return { ...changes.since(since), ageMs: dag ? clock() - readAtMs : ageMs, upstreamPerSecond: rate.perSecond() };
    },
    run: () => changes.run(),
    task: (id) => dag?.nodes.flatMap((node) => node.subTasks).find((task) => task.id === id) ?? null,
    ageMs: () => clock() - readAtMs,
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

const MIN_PAUSE_MS = 50;
/** Nobody said anything about the run, or that they do not know it. */
const UNTOLD: ReadonlySet<string> = new Set(["agent-unreachable", "agent-timeout", "peer-failed", "task-not-found"]);

const agentsOf = (dag: Dag): number => Math.max(1, ...dag.nodes.filter(isParallel).map((node) => node.subTasks.length));

/** What a light read brings, over the details that are known. */
function merge(known: Dag, summary: Dag, detail: DagNode | null): Dag {
  const nodes = detail ? known.nodes.map((node) => (node.id === detail.id ? detail : node)) : known.nodes;
  return { ...summary, nodes, subDags: known.subDags, mainDagId: known.mainDagId };
}
