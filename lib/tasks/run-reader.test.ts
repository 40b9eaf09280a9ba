import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { exampleTopology } from "../clusters/testing/example-topology";
import { AppError, type FailureKind } from "../errors";
import type { Dag } from "../obshell/schema";
import { NOT_SENT_HERE } from "./assemble-run";
import { COORDINATOR, exampleDag, exampleId, START, summaryOf } from "./example-dag";
import { createRunReader, type RunReader, type RunReaderOptions } from "./run-reader";
import type { RunAnswer } from "./schema";

const OTHERS = ["10.0.1.2:2886", "10.0.1.3:2886"];
const agentsOf = (count: number) => Array.from({ length: count }, (_, at) => `10.0.1.${at + 1}:2886`);

/** An engine in fake time: what it holds now, who answers, how long an answer takes, and what it was asked. */
function createEngine(dag: Dag) {
  const engine = {
    dag,
    asked: [] as { atMs: number; what: "full" | "summary" | "node" | "clock"; address: string }[],
    inFlight: new Map<string, number>(),
    overlaps: 0,
    delayMs: 0,
    fail: (_address: string): FailureKind | null => null,
  };
  async function answer<T>(what: (typeof engine.asked)[number]["what"], address: string, value: () => T): Promise<T> {
    engine.asked.push({ atMs: Date.now(), what, address });
    const key = `${what} ${address}`;
    engine.inFlight.set(key, (engine.inFlight.get(key) ?? 0) + 1);
    if ((engine.inFlight.get(key) ?? 0) > 1) engine.overlaps += 1;
    await new Promise((resolve) => setTimeout(resolve, engine.delayMs));
    engine.inFlight.set(key, (engine.inFlight.get(key) ?? 0) - 1);
    const kind = engine.fail(address);
    if (kind) throw new AppError(kind);
    return value();
  }
  return { engine, answer };
}

let open: RunReader[] = [];
beforeEach(() => void vi.useFakeTimers({ now: START }));
afterEach(() => {
  for (const reader of open) reader.stop();
  open = [];
  vi.useRealTimers();
});

function startReader(dag: Dag, change: Partial<RunReaderOptions> = {}) {
  const { engine, answer } = createEngine(dag);
  const ended = vi.fn();
  const reader = createRunReader({
    runId: exampleId(17),
    owner: COORDINATOR,
    others: () => [COORDINATOR, ...OTHERS],
    cluster: { id: "c1", name: "core", environment: "TEST" },
    sent: () => NOT_SENT_HERE,
    name: "Stop OB",
    readDag: (address, _id, details) =>
      answer(details ? "full" : "summary", address, () => (details ? engine.dag : summaryOf(engine.dag))),
    readNode: (address, id) =>
      answer("node", address, () => {
        const node = engine.dag.nodes.find((one) => one.id === id);
        if (!node) throw new AppError("task-not-found");
        return node;
      }),
    readClock: (address) => answer("clock", address, () => 0),
    readTopology: () => Promise.resolve(exampleTopology()),
    verdict: null,
    onVerdict: () => undefined,
    onEnd: ended,
    clock: Date.now,
    random: () => 0.5,
    ...change,
  });
  open.push(reader);
  return { engine, reader, ended };
}

/** Asks every second, as a viewer does, while the fake time goes on. */
async function view(reader: RunReader, seconds: number, viewers = 1): Promise<RunAnswer> {
  let since: number | undefined;
  let answer: RunAnswer | undefined;
  for (let second = 0; second < seconds; second += 1) {
    const asked = Array.from({ length: viewers }, () => reader.read(since));
    await vi.advanceTimersByTimeAsync(1_000);
    [answer] = await Promise.all(asked);
    since = answer?.version;
  }
  if (!answer) throw new Error("nobody viewed");
  return answer;
}

test("ten viewers cost the engine what one costs (ux L-1, check 19)", async () => {
  const reads = async (viewers: number) => {
    const { engine, reader } = startReader(exampleDag(agentsOf(9), { stage: 4 }));
    await view(reader, 60, viewers);
    return engine.asked.length;
  };
  expect(await reads(10)).toBe(await reads(1));
});

test.each([
  [3, 1],
  [30, 1],
  [100, 2],
  [300, 3],
  [1_000, 5],
])(
  "with %i agents the stage is read every %i s, the summary every second, at most two reads a second (ux L-2)",
  async (agents, seconds) => {
    const { engine, reader } = startReader(exampleDag(agentsOf(agents), { stage: 4 }));
    const answer = await view(reader, 60);
    const count = (what: string) => engine.asked.filter((read) => read.what === what).length;
    expect(count("full")).toBe(1);
    expect(count("summary")).toBeGreaterThan(55);
    expect(Math.abs(count("node") - 60 / seconds)).toBeLessThan(3);
    // The opening reads come at once, before the first second is over.
    expect(engine.asked.filter((read) => read.atMs < START + 60_000).length).toBeLessThanOrEqual(2 * 60 + 1);
    expect(answer.upstreamPerSecond).toBeLessThanOrEqual(2);
  },
);

test("stages that change every second do not push the rate above two a second (ux L-2)", async () => {
  const { engine, reader } = startReader(exampleDag(agentsOf(3), { stage: 1 }));
  for (let second = 0; second < 60; second += 1) {
    engine.dag = exampleDag(agentsOf(3), { stage: 1 + (second % 4) });
    await view(reader, 1);
  }
  for (let from = 0; from <= 50; from += 1) {
    const inWindow = engine.asked.filter(
      ({ atMs }) => atMs >= START + from * 1_000 && atMs < START + from * 1_000 + 10_000,
    );
    expect(inWindow.length).toBeLessThanOrEqual(22);
  }
});

test("a slow agent is never asked the same thing twice at once (ux L-2)", async () => {
  const { engine, reader } = startReader(exampleDag(agentsOf(9), { stage: 4 }));
  engine.delayMs = 4_000;
  const opened = reader.read();
  await vi.advanceTimersByTimeAsync(9_000);
  await opened;
  await view(reader, 60);
  expect(engine.overlaps).toBe(0);
  expect(engine.asked.length).toBeGreaterThan(20);
});

test("details are read in full on opening, on a change of stage and at the end (ux L-2)", async () => {
  const { engine, reader } = startReader(exampleDag(agentsOf(9), { stage: 3 }));
  await view(reader, 5);
  engine.dag = exampleDag(agentsOf(9), { stage: 4 });
  await view(reader, 5);
  engine.dag = exampleDag(agentsOf(9), { stage: 5, state: "SUCCEED" });
  const last = await view(reader, 5);
  expect(engine.asked.filter((read) => read.what === "full")).toHaveLength(3);
  expect(last.run ?? (await reader.read()).run).toMatchObject({ state: "SUCCEEDED", settled: true });
  const settledReads = engine.asked.length;
  await view(reader, 60);
  expect(engine.asked).toHaveLength(settledReads);
});

test("a viewer is told only the tasks that changed, and nothing when nothing did", async () => {
  const running = exampleDag(agentsOf(1_000), { stage: 4 });
  const { engine, reader } = startReader(running);
  await view(reader, 1);
  const whole = await reader.read();
  expect([whole.full, whole.tasks.length]).toEqual([true, 2_003]);
  const [wait] = running.nodes.filter((node) => node.name.startsWith("Wait"));
  const done = { ...wait?.subTasks[7], state: "SUCCEED" as const };
  engine.dag = {
    ...running,
    nodes: running.nodes.map((node) =>
      node === wait
        ? { ...node, subTasks: node.subTasks.map((task) => (task.id === done.id ? { ...task, ...done } : task)) }
        : node,
    ),
  };
  await vi.advanceTimersByTimeAsync(7_000);
  const delta = await reader.read(whole.version);
  expect([delta.full, delta.tasks.map((task) => task.id)]).toEqual([false, [done.id]]);
  expect(delta.run?.counts.done).toBe(1);
  const none = await reader.read(delta.version);
  expect(none).toMatchObject({ version: delta.version, run: null, tasks: [], full: false });
  expect((await reader.read(5)).full).toBe(true); // a version of an earlier reader
  expect((await reader.read(delta.version + 1_000)).full).toBe(true);
});

test("a run that does not change is handed out again in time for the browser's clock (ux D-12)", async () => {
  const { reader } = startReader(exampleDag(agentsOf(3), { stage: 4 }));
  await view(reader, 1);
  let since = (await reader.read()).version;
  let longestMs = 0;
  let lastMs = Date.now();
  for (let second = 0; second < 60; second += 1) {
    await vi.advanceTimersByTimeAsync(1_000);
    const { run, version } = await reader.read(since);
    since = version;
    longestMs = Math.max(longestMs, Date.now() - lastMs);
    if (run) lastMs = Date.now();
  }
  expect(longestMs).toBeLessThanOrEqual(12_000);
});

test("a silent coordinator is asked again after 1, 2, 4, 8 and then every 15 s, for ever (ux L-4)", async () => {
  const { engine, reader } = startReader(exampleDag(agentsOf(3), { stage: 4 }), { others: () => [] });
  await view(reader, 3);
  engine.fail = () => "agent-unreachable";
  const answer = await view(reader, 90);
  const times = engine.asked
    .filter((read) => read.what === "summary" && read.atMs >= START + 3_000)
    .map((read) => read.atMs);
  const pauses = times.slice(1).map((time, at) => Math.round((time - (times[at] ?? 0)) / 1_000));
  expect(pauses.slice(0, 8)).toEqual([1, 2, 4, 8, 15, 15, 15, 15]);
  expect(answer.ageMs).toBeGreaterThan(85_000);
  expect((await reader.read()).run?.state).toBe("UNKNOWN");
  engine.fail = () => null;
  await view(reader, 20);
  expect(await reader.read()).toMatchObject({ run: { state: "RUNNING", problems: [] } });
});

test("two reads without an answer are no silence yet, the third is (ux P2)", async () => {
  const { engine, reader } = startReader(exampleDag(agentsOf(3), { stage: 4 }));
  await view(reader, 3);
  let failing = 0;
  engine.fail = (address) => {
    if (address === COORDINATOR) failing += 1;
    return "agent-timeout";
  };
  const states: [number, string | undefined][] = [];
  for (let second = 0; second < 20; second += 1) {
    await view(reader, 1);
    states.push([failing, (await reader.read()).run?.state]);
  }
  expect(new Set(states.map(([, state]) => state))).toEqual(new Set(["RUNNING", "UNKNOWN"]));
  expect(states.filter(([count]) => count < 3).every(([, state]) => state === "RUNNING")).toBe(true);
  expect(states.at(-1)?.[1]).toBe("UNKNOWN");
});

test("another agent relays while the coordinator is silent to the console, and is named (ux §11)", async () => {
  const { engine, reader } = startReader(exampleDag(agentsOf(3), { stage: 4 }));
  await view(reader, 3);
  engine.fail = (address) => (address === COORDINATOR ? "agent-unreachable" : null);
  await view(reader, 10);
  const relayed = (await reader.read()).run;
  expect(relayed).toMatchObject({ state: "RUNNING", coordinator: COORDINATOR });
  expect(OTHERS).toContain(relayed?.readFrom);
  engine.dag = exampleDag(agentsOf(3), { stage: 5 });
  await view(reader, 5);
  expect((await reader.read()).run?.stage).toBe(5);
  // The coordinator itself is tried now and then, and takes over again.
  engine.fail = () => null;
  await view(reader, 20);
  expect((await reader.read()).run).toMatchObject({ state: "RUNNING", readFrom: null });
});

test("a run that its agent no longer knows stays as last seen, as unknown (ux §19)", async () => {
  const { engine, reader } = startReader(exampleDag(agentsOf(3), { stage: 4 }));
  await view(reader, 3);
  engine.fail = () => "task-not-found";
  await view(reader, 5);
  expect((await reader.read()).run).toMatchObject({ state: "UNKNOWN", stage: 4, settled: false });
});

test("a run that was never seen is run-unknown with its agent's address, or what the audit knows of it (ux §19)", async () => {
  const failing = async (change: Partial<RunReaderOptions>, kind: FailureKind) => {
    const { engine, reader } = startReader(exampleDag(agentsOf(3), { stage: 4 }), change);
    engine.fail = () => kind;
    const answer = reader.read();
    const settled = Promise.allSettled([answer]);
    await vi.advanceTimersByTimeAsync(5_000);
    const [result] = await settled;
    return result.status === "fulfilled" ? result.value.run : (result.reason as AppError);
  };
  const unknown = (why: string) => ({ kind: "run-unknown", facts: { params: { address: COORDINATOR, why } } });
  // Silent is only who gave no answer.
  expect(await failing({}, "task-not-found")).toMatchObject(unknown("forgotten"));
  expect(await failing({}, "agent-unreachable")).toMatchObject(unknown("silent"));
  expect(await failing({}, "agent-timeout")).toMatchObject(unknown("silent"));
  expect(await failing({}, "peer-failed")).toMatchObject(unknown("untold"));
  expect(await failing({}, "password-rejected")).toMatchObject({ kind: "password-rejected" });
  const acceptedAt = "2026-01-01T00:00:00.000Z";
  const sent = {
    ...NOT_SENT_HERE,
    acceptedAt,
    method: "force" as const,
    targets: ["10.0.1.2:2886"],
    by: "x",
    reason: "INC-1",
    planId: "p1",
  };
  const fromAudit = await failing({ sent: () => sent }, "agent-unreachable");
  expect(fromAudit).toMatchObject({ state: "UNKNOWN", reason: "INC-1", startedAt: acceptedAt, settled: false });
});

test("a wrong password is never tried at other agents", async () => {
  const { engine, reader } = startReader(exampleDag(agentsOf(3), { stage: 4 }));
  await view(reader, 2);
  engine.fail = () => "password-rejected";
  await view(reader, 3);
  expect((await reader.read()).run?.state).toBe("UNKNOWN");
  expect(engine.asked.filter((read) => OTHERS.includes(read.address)).length).toBeLessThanOrEqual(2);
});

test("a first answer that takes longer than the reader's patience still reaches who waits for it", async () => {
  const { engine, reader } = startReader(exampleDag(agentsOf(3), { stage: 4 }));
  engine.delayMs = 19_000;
  const answer = reader.read();
  await vi.advanceTimersByTimeAsync(45_000);
  expect((await answer).run?.state).toBe("RUNNING");
});

test("nobody asks for 20 s: the reader ends and asks no more", async () => {
  const { engine, reader, ended } = startReader(exampleDag(agentsOf(3), { stage: 4 }));
  await view(reader, 3);
  await vi.advanceTimersByTimeAsync(30_000);
  expect(ended).toHaveBeenCalledOnce();
  const reads = engine.asked.length;
  await vi.advanceTimersByTimeAsync(60_000);
  expect(engine.asked).toHaveLength(reads);
});

test("a failed run that somebody took up again is followed again by whoever looks", async () => {
  const { engine, reader } = startReader(exampleDag(agentsOf(3), { method: "terminate", stage: 3, state: "FAILED" }));
  await view(reader, 3);
  expect((await reader.read()).run).toMatchObject({ state: "FAILED", settled: true });
  engine.dag = exampleDag(agentsOf(3), { method: "terminate", stage: 4 });
  await view(reader, 20);
  expect((await reader.read()).run).toMatchObject({ state: "RUNNING", stage: 4, settled: false });
});

test("the clock of the coordinator is measured, and small noise does not move durations (ux D-12)", async () => {
  let skewMs = 14_000;
  const { reader } = startReader(exampleDag(agentsOf(3), { stage: 4 }), { readClock: () => Promise.resolve(skewMs) });
  await view(reader, 3);
  expect((await reader.read()).run?.skewMs).toBe(14_000);
  skewMs = 14_100;
  await view(reader, 70);
  expect((await reader.read()).run?.skewMs).toBe(14_000);
});

test("a cluster that is removed while its run is watched fails the reads, and no promise is dropped", async () => {
  const dropped = vi.fn();
  process.on("unhandledRejection", dropped);
  const dag = exampleDag(agentsOf(9), { stage: 4 });
  let isRemoved = false;
  const [stage] = dag.nodes;
  if (!stage) throw new Error("the example has no stages");
  const askAt = <T>(value: T): Promise<T> => {
    if (isRemoved) throw new AppError("cluster-unknown"); // at once, as the registry does
    return Promise.resolve(value);
  };
  const { reader } = startReader(dag, {
    readDag: (_address, _id, details) => askAt(details ? dag : summaryOf(dag)),
    readNode: (_address, id) => askAt(dag.nodes.find((node) => node.id === id) ?? stage),
  });
  await view(reader, 5);
  isRemoved = true;
  await view(reader, 30);
  vi.useRealTimers();
  await new Promise((resolve) => setTimeout(resolve, 20));
  process.off("unhandledRejection", dropped);
  expect(dropped).not.toHaveBeenCalled();
});
