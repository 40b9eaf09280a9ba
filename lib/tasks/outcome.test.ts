import { expect, test } from "vitest";
import type { Server, Topology } from "../clusters/schema";
import { exampleTopology, withServer } from "../clusters/testing/example-topology";
import { exampleDag, START } from "./example-dag";
import { judgeOutcome, type OutcomeFacts } from "./outcome";
import type { Run } from "./schema";

const iso = (seconds: number) => new Date(START + seconds * 1_000).toISOString();

/** Agents before 4.3.0.0: none tells whether a zone is stopped. All servers of the first zone are in this state. */
function untold(state: Server["state"], change: Partial<Topology> = {}): Topology {
  const topology = exampleTopology(3, 2, { readAt: iso(30), agentVersion: "4.2.3.0", ...change });
  const zones = topology.zones.map((zone, at) => ({
    ...zone,
    innerStatus: "",
    servers: zone.servers.map((server) => ({
      ...server,
      state: at === 0 ? state : ("SERVICE_NOT_REPORTED" as const),
      stoppedBySql: at === 0 && state === "SERVICE_STOPPED",
    })),
  }));
  return { ...topology, zones };
}

const AGENTS = exampleTopology(3, 2).zones.flatMap(({ servers }) => servers.map(({ address }) => address));
const TARGETS = AGENTS.slice(0, 2);
type Scope = NonNullable<Run["scope"]>;
type Method = NonNullable<Run["method"]>;

function judge(method: Method | "start", scope: Scope, end: "SUCCEED" | number, change: Partial<OutcomeFacts>) {
  const isStart = method === "start";
  const stop = isStart ? "force" : method;
  const last = { stop: 6, force: 5, terminate: 6 }[stop];
  const dag = exampleDag(AGENTS, {
    ...{ method: stop, stage: end === "SUCCEED" ? last : end, state: end === "SUCCEED" ? "SUCCEED" : "FAILED" },
    change: { name: isStart ? "Start OB" : "Stop OB" },
  });
  const sent = { targets: TARGETS, method: isStart ? null : method, scope };
  const times = { endedMs: START + 14_000, sawEnd: true, nowMs: START + 31_000 };
  return judgeOutcome({
    dag,
    ...sent,
    failed: new Set(),
    topology: untold("SERVICE_NOT_REPORTED"),
    ...times,
    ...change,
  });
}

/** The end: it went well, or in which stage it failed. For a plain stop 5 is the statement. */
test.each<[Method | "start", Scope, "SUCCEED" | number, Server["state"], string]>([
  ["stop", "ZONE", "SUCCEED", "SERVICE_NOT_REPORTED", "not-reported"],
  ["stop", "ZONE", "SUCCEED", "SERVICE_STOPPED", "reached"],
  ["stop", "ZONE", 6, "SERVICE_NOT_REPORTED", "not-reported"],
  ["stop", "ZONE", 5, "SERVICE_NOT_REPORTED", "missed"],
  ["stop", "ZONE", 2, "SERVICE_NOT_REPORTED", "missed"],
  ["stop", "SERVER", "SUCCEED", "SERVICE_NOT_REPORTED", "waiting"],
  ["stop", "SERVER", "SUCCEED", "SERVICE_STOPPED", "reached"],
  ["stop", "SERVER", 5, "SERVICE_NOT_REPORTED", "missed"],
  ["force", "ZONE", "SUCCEED", "SERVICE_NOT_REPORTED", "waiting"],
  ["force", "ZONE", "SUCCEED", "PROCESS_STOPPED", "reached"],
  ["force", "ZONE", 3, "SERVICE_NOT_REPORTED", "missed"],
  ["force", "SERVER", 3, "SERVICE_NOT_REPORTED", "missed"],
  ["force", "GLOBAL", 3, "SERVICE_NOT_REPORTED", "missed"],
  ["terminate", "ZONE", "SUCCEED", "SERVICE_NOT_REPORTED", "waiting"],
  ["terminate", "ZONE", "SUCCEED", "PROCESS_STOPPED", "reached"],
  ["terminate", "ZONE", 3, "SERVICE_NOT_REPORTED", "missed"],
  ["terminate", "SERVER", 3, "SERVICE_NOT_REPORTED", "missed"],
  ["start", "ZONE", "SUCCEED", "SERVICE_NOT_REPORTED", "not-reported"],
  ["start", "ZONE", 3, "SERVICE_NOT_REPORTED", "not-reported"],
  ["start", "ZONE", 3, "PROCESS_STOPPED", "missed"],
  ["start", "SERVER", "SUCCEED", "SERVICE_NOT_REPORTED", "not-reported"],
  ["start", "GLOBAL", "SUCCEED", "SERVICE_NOT_REPORTED", "not-reported"],
])("where no zone is reported: %s of %s, end %s, servers %s: %s (protocol §4.4)", (method, scope, end, state, told) => {
  const outcome = judge(method, scope, end, { topology: untold(state) });
  expect(outcome.state).toBe(told);
  expect(outcome.total).toBe(TARGETS.length);
});

test("a start waits for servers that run and do not serve yet, however long, and counts none of them as failed", () => {
  const [first = "", second = ""] = TARGETS;
  const at = (seconds: number, change: Partial<Omit<Server, "agent">>) => {
    const serving = exampleTopology(3, 2, { readAt: iso(seconds) });
    return { topology: withServer(serving, first, change), nowMs: START + seconds * 1_000 + 1_000 };
  };
  for (const end of ["SUCCEED", 3] as const)
    for (const seconds of [30, 90, 3_600])
      expect(judge("start", "SERVER", end, at(seconds, { state: "NOT_SERVING_YET" }))).toMatchObject({
        ...{ state: "waiting", stopped: 1, failed: 0, missed: [first] },
      });
  expect(judge("start", "SERVER", "SUCCEED", at(3_700, {})).state).toBe("reached");
  const slow = at(90, { state: "NOT_SERVING_YET" });
  const dead = { ...slow, topology: withServer(slow.topology, second, { state: "PROCESS_STOPPED" }) };
  expect(judge("start", "SERVER", "SUCCEED", dead)).toMatchObject({ state: "waiting", failed: 0 });
  // A kill waits for nothing of the kind: what still runs was missed.
  expect(judge("force", "SERVER", "SUCCEED", slow)).toMatchObject({ state: "missed", failed: 2 });
});

test("a process that still runs a minute after a kill that went well is missed, whatever its scope (ux H-3)", () => {
  const late = { nowMs: START + 90_000, topology: untold("SERVICE_NOT_REPORTED", { readAt: iso(89) }) };
  for (const method of ["force", "terminate"] as const)
    expect(judge(method, "ZONE", "SUCCEED", late)).toMatchObject({ state: "missed", failed: 2, missed: TARGETS });
});

test("one look without the database, right after the end, is no word on it: the next one tells (protocol §4.4, ux P2)", () => {
  const degraded = { ...untold("SERVICE_NOT_REPORTED"), databaseReachable: false };
  for (const end of ["SUCCEED", 3] as const)
    expect(judge("start", "ZONE", end, { topology: degraded })).toMatchObject({ state: "waiting", notReported: 2 });
  expect(judge("stop", "ZONE", "SUCCEED", { topology: degraded }).state).toBe("waiting");
  const next = exampleTopology(3, 2, { readAt: iso(32) });
  expect(judge("start", "ZONE", "SUCCEED", { topology: next, nowMs: START + 33_000 }).state).toBe("reached");
  // A minute after the end, what nobody has told is told as that.
  const late = { topology: { ...degraded, readAt: iso(89) }, nowMs: START + 90_000 };
  expect(judge("start", "ZONE", "SUCCEED", late).state).toBe("not-reported");
});
