import { expect, test } from "vitest";
import { clusterInfoFromWire } from "../obshell/wire/topology";
import { agentsOf, type ClusterFacts } from "./read-facts";
import { assembleTopology } from "./assemble-topology";

/** One host with two servers, and an agent for the first of them alone. */
const reported = (change: Record<string, unknown> = {}) => {
  const server = { ip: "10.0.0.1", inner_status: "ACTIVE", start_time: "2026-01-01T00:00:00Z" };
  return clusterInfoFromWire.parse({
    cluster_name: "core",
    zones: [
      {
        name: "zone1",
        inner_status: "ACTIVE",
        servers: [
          { ...server, svr_port: 2882, sql_port: 2881, obshell_port: 2886, status: "RUNNING", ob_status: 3 },
          { ...server, svr_port: 3882, sql_port: 3881, obshell_port: 0, status: "RUNNING", ob_status: 3, ...change },
        ],
      },
    ],
  });
};
const status = {
  identity: "CLUSTER AGENT",
  state: 2,
  version: "4.5.0.0",
  obState: 3,
  underMaintenance: false,
} as const;
const probe = (address: string) => ({
  ...{ address, status: { ...status, address }, condition: "answers" as const, sinceMs: 1, failure: null },
  ...{ lastAnswerMs: 1, unwellMs: null, skewMs: 0, homePath: "" },
});
const facts = (change: Record<string, unknown> = {}, over: Partial<ClusterFacts> = {}): ClusterFacts => ({
  base: { reported: reported(change), by: "10.0.0.1:2886", atMs: Date.now() },
  answer: {
    ...{ last: null, newest: null, refused: null, isCurrent: false, isOverdue: false, sinceMs: null, asked: null },
  },
  // Somebody else listens where the observer of the other server would.
  probes: new Map(["10.0.0.1:2886", "10.0.0.1:3882"].map((address) => [address, probe(address)])),
  maintenance: { runs: [], notAsked: [] },
  clusterTasks: null,
  ...over,
});
const assemble = (...given: Parameters<typeof facts>) =>
  assembleTopology({ id: "c1", name: "core", environment: "TEST" }, facts(...given)).zones.flatMap(
    (zone) => zone.servers,
  );

test("a server without an agent has its own name, and nobody is ever asked by it", () => {
  expect(agentsOf(reported())).toEqual(["10.0.0.1:2886"]);
  const [first, second] = assemble();
  expect(first).toMatchObject({ address: "10.0.0.1:2886", agentless: null, agent: { answers: true } });
  expect(second).toMatchObject({ address: "10.0.0.1:3882", agentless: "none", agent: null, obState: null });
});

test("it does what the database says of it: nobody knows of its process", () => {
  const state = (change: Record<string, unknown>) => assemble(change)[1]?.state;
  expect(state({})).toBe("SERVING");
  expect(state({ stop_time: "2026-01-02T00:00:00Z" })).toBe("SERVICE_STOPPED");
  // Its agent's port is 0, so the state of its process is the answering agent's guess (protocol §4.4).
  expect(state({ inner_status: "INACTIVE", ob_status: 0, status: "PROCESS_STOPPED" })).toBe("NOT_REPORTED");
  expect(state({ inner_status: "DELETING" })).toBe("DELETING");
});

test("a run that kills its zone never reaches it, so it is not told as stopping", () => {
  const states = assemble({ status: "PROCESS_STOPPING" }, { maintenance: { runs: null, notAsked: [] } });
  expect(states.map(({ state }) => state)).toEqual(["SERVING", "SERVING"]);
  expect(assemble({ status: "STARTING" }, { maintenance: { runs: null, notAsked: [] } })[1]?.state).toBe("SERVING");
});
