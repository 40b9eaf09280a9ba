import { expect, test } from "vitest";
import { exampleRun, exampleTopology, withServer } from "../clusters/testing/example-topology";
import type { ServerState, Topology } from "../clusters/schema";
import type { Dag } from "../obshell/schema";
import { assembleRun, NOT_SENT_HERE, type RunFacts } from "./assemble-run";
import { COORDINATOR, exampleDag, exampleId, START } from "./example-dag";
import { operationFacts, whyNot, type Operation } from "./operations";
import type { Run } from "./schema";

const AGENTS = exampleTopology().zones.flatMap((zone) => zone.servers.map((server) => server.address));
const [, SECOND = "", THIRD = ""] = AGENTS;
const ID = exampleId(17);

function offersOf(dag: Dag, topology: Topology | null, change: Partial<RunFacts> = {}): Run["offers"] {
  const sent = { ...NOT_SENT_HERE, method: "terminate" as const, targets: [SECOND, THIRD] };
  return assembleRun(dag, {
    ...{ cluster: { id: "c1", name: "core", environment: "TEST" }, sent, coordinator: COORDINATOR, zoneOf: {} },
    ...{ skewMs: 0, readAtMs: START + 8_000, nowMs: START + 30_000, readFrom: null, silence: null, topology },
    ...{ endedMs: dag.endedAt ? START + 10_000 : null, sawEnd: true, verdict: null },
    ...change,
  }).run.offers;
}

const later = new Date(START + 29_000).toISOString();
const cluster = (held: number, states: Partial<Record<string, ServerState>> = {}): Topology => {
  const holds = AGENTS.slice(0, held).map((agent) => ({
    ...{ agent, taskId: "2", state: "FAILED", stage: 1, maxStage: 2, since: null },
  }));
  const runs = held > 0 ? [exampleRun({ id: ID, state: "FAILED", holdsMaintenance: true, holds })] : [];
  const seen = exampleTopology(3, 3, { readAt: later, activeRuns: runs });
  return Object.entries(states).reduce(
    (now, [address, state]) => withServer(now, address, state ? { state } : {}),
    seen,
  );
};
const kinds = (offers: Run["offers"]) => offers.map(({ kind, obstacle }) => (obstacle ? `${kind}: ${obstacle}` : kind));

const OPERATIONS: Operation[] = ["cancel", "retry", "skip", "release"];
const STAGES = [1, 2, 3, 4, 5, 6];
const ENDS: { name: string; change: Partial<Dag>; state: Dag["state"] }[] = [
  { name: "going", state: "RUNNING", change: {} },
  { name: "being cancelled", state: "RUNNING", change: { operator: "CANCEL" } },
  { name: "failed", state: "FAILED", change: {} },
  { name: "cancelled", state: "FAILED", change: { operator: "CANCEL" } },
];

test.each(ENDS)("of a run that is $name nothing is offered that the engine refuses (ux V-1)", ({ state, change }) => {
  for (const stage of STAGES) {
    for (const held of [0, 9]) {
      const dag = exampleDag(AGENTS, { method: "terminate", stage, state, change });
      const topology = cluster(held);
      const offers = offersOf(dag, topology);
      const told = assembleState(dag);
      for (const kind of OPERATIONS) {
        const offered = offers.find((offer) => offer.kind === kind && offer.obstacle === null);
        const refusal = whyNot(kind, operationFacts(dag, told, topology));
        if (offered) expect([stage, held, kind, refusal]).toEqual([stage, held, kind, null]);
        // A cancelled flush can be tried again as well, but whoever cancelled it wants its agents free.
        else if (told !== "CANCELLED") expect([stage, held, kind, refusal]).not.toEqual([stage, held, kind, null]);
      }
    }
  }
});

const assembleState = (dag: Dag): Run["state"] =>
  dag.state === "RUNNING" ? "RUNNING" : dag.operator === "CANCEL" ? "CANCELLED" : "FAILED";

test("a flush that failed: retry first, then without it, then to let the agents go; nothing after that (ux §11)", () => {
  const dag = exampleDag(AGENTS, { method: "terminate", stage: 3, state: "FAILED" });
  expect(kinds(offersOf(dag, cluster(9)))).toEqual(["retry", "skip", "release"]);
  expect(kinds(offersOf(dag, cluster(0)))).toEqual(["stop-remaining"]);
  const old = cluster(9);
  const older = withServer({ ...old, agentVersion: "4.3.1.0" }, COORDINATOR, { agent: { version: "4.3.1.0" } });
  expect(kinds(offersOf(dag, older))).toEqual(["retry", "skip: version", "release"]);
});

test("once an agent of it was let go, or may have been, a failed flush is not taken up: what is held goes first", () => {
  const dag = exampleDag(AGENTS, { method: "terminate", stage: 3, state: "FAILED" });
  const some = cluster(8);
  expect(kinds(offersOf(dag, some))).toEqual(["release", "retry: released", "skip: released"]);
  const unasked = { ...some, notAsked: AGENTS.slice(8) };
  expect(kinds(offersOf(dag, unasked))).toEqual(["release", "retry: not-asked", "skip: not-asked"]);
});

test("servers that did not stop: the rest, then the way back for the others; not those that nobody tells about", () => {
  const dag = exampleDag(AGENTS, { method: "terminate", stage: 6, state: "FAILED" });
  const offers = offersOf(dag, cluster(0, { [SECOND]: "PROCESS_STOPPED" }));
  expect(offers).toEqual([
    { kind: "stop-remaining", rank: "primary", touches: [THIRD], obstacle: null },
    { kind: "start", rank: "secondary", touches: [SECOND], obstacle: null },
  ]);
  const unseen = offersOf(dag, cluster(0, { [SECOND]: "PROCESS_STOPPED", [THIRD]: "NOT_REPORTED" }));
  expect(kinds(unseen)).toEqual(["stop-remaining: not-reported", "start"]);
  const busy = { ...cluster(0), activeRuns: [exampleRun({ id: exampleId(18) })] };
  expect(kinds(offersOf(dag, busy))).toEqual(["stop-remaining: other-run"]);
  const untold = exampleRun({ id: exampleId(18), state: "UNKNOWN", holdsMaintenance: true });
  expect(kinds(offersOf(dag, { ...cluster(0), activeRuns: [untold] }))).toEqual(["stop-remaining: other-unknown"]);
});

test("stuck servers are escalated alone, with a method that is not force already (ux F-6, check 16)", () => {
  const dag = exampleDag(AGENTS, {
    ...{ method: "terminate", stage: 5 },
    task: (agent, name) =>
      name.startsWith("Wait") && agent !== SECOND
        ? { state: "SUCCEED", endedAt: new Date(START + 9_000).toISOString() }
        : {},
  });
  const late = { readAtMs: START + 120_000 };
  expect(offersOf(dag, null, late)).toEqual([
    { kind: "escalate", rank: "primary", touches: [SECOND], obstacle: null },
    { kind: "cancel", rank: "secondary", touches: [SECOND, THIRD], obstacle: null },
  ]);
  const force = { ...NOT_SENT_HERE, method: "force" as const, targets: [SECOND, THIRD] };
  expect(kinds(offersOf(dag, null, { ...late, sent: force }))).toEqual(["cancel"]);
});

test("a run of somebody else's is cancelled and released, but its servers are nobody's guess", () => {
  const foreign = { sent: NOT_SENT_HERE };
  expect(kinds(offersOf(exampleDag(AGENTS, { stage: 4 }), null, foreign))).toEqual(["cancel"]);
  const ended = exampleDag(AGENTS, { stage: 4, state: "FAILED" });
  expect(kinds(offersOf(ended, cluster(9), foreign))).toEqual(["release"]);
});

test("while nobody tells about a run, looking comes first and sending it again is not offered (check 17)", () => {
  const silence = { kind: "agent-unreachable" as const, message: "" };
  const offers = offersOf(exampleDag(AGENTS, { stage: 4 }), cluster(9), { silence });
  expect(kinds(offers)).toEqual(["read-elsewhere", "release"]);
});
