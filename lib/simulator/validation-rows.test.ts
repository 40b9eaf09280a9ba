import { expect, test } from "vitest";
import { VERSIONS } from "./cluster";
import { isSince } from "./scenarios";
import { play, servers, zones } from "./test-cluster";

type Played = Awaited<ReturnType<typeof play>>;

interface Row {
  /** The row of protocol 5.1, and what is special. */
  readonly row: string;
  readonly body: (played: Played) => unknown;
  readonly path?: string;
  /** What is wrong with the cluster meanwhile. */
  readonly given?: (played: Played) => void;
  readonly errCode: string;
  /** Agents before it take the request. */
  readonly since?: string;
  /** Agents before 4.3.1.0 answer 400 with 1001, but for the identity. */
  readonly old?: readonly [number, number];
}

const START = "/ob/start";
const noDatabase = ({ simulator: sim, at }: Played): void => sim.setFault(at(0), { kind: "database-down" });
const stoppedElsewhere = ({ simulator: sim, at }: Played): void => sim.setObserver(at(2), "service-stopped");
const deadElsewhere = ({ simulator: sim, at }: Played): void => sim.setObserver(at(2), "process-stopped");
const takingOver = ({ simulator: sim, at }: Played): void =>
  sim.setFault(at(0), { kind: "identity", identity: "TAKE OVER FOLLOWER" });

/** In the order of the agent: each row breaks the later ones as well wherever it can. */
const ROWS: readonly Row[] = [
  { row: "1 bare array", body: () => ({ forcePassDag: ["1"] }), errCode: "Common.BindJsonFailed" },
  { row: "1 of a start", path: START, body: () => ({ scope: "all" }), errCode: "Common.BindJsonFailed" },
  { row: "2 no scope", body: () => ({ force: true, terminate: true }), errCode: "OB.Cluster.Scope.Invalid" },
  { row: "2 type", path: START, body: () => ({ scope: { type: "ROOM" } }), errCode: "OB.Cluster.Scope.Invalid" },
  { row: "3 zone", body: () => ({ scope: { type: "ZONE" } }), errCode: "Common.IllegalArgument" },
  { row: "3 server", path: START, body: () => ({ scope: servers() }), errCode: "Common.IllegalArgument" },
  { row: "4 zone", body: () => ({ scope: zones("zone9") }), given: takingOver, errCode: "OB.Zone.NotExist" },
  { row: "4 name", body: () => ({ scope: servers("db:2886") }), given: takingOver, errCode: "Common.InvalidIp" },
  { row: "4 port", body: () => ({ scope: servers("10.0.0.1:80") }), errCode: "Common.InvalidPort" },
  { row: "4 address", body: () => ({ scope: servers("") }), errCode: "Common.InvalidAddress" },
  { row: "4 agent", path: START, body: () => ({ scope: servers("10.0.0.1:2886") }), errCode: "Agent.NotExist" },
  {
    row: "5 stop",
    body: () => ({ scope: { type: "GLOBAL" } }),
    given: takingOver,
    errCode: "Agent.Identify.NotSupportOperation",
    old: [500, 1010],
  },
  {
    row: "5 start",
    path: START,
    body: () => ({ scope: { type: "GLOBAL" } }),
    given: takingOver,
    errCode: "Agent.Identify.NotSupportOperation",
    old: [500, 1010],
  },
  {
    row: "6",
    body: () => ({ scope: { type: "GLOBAL" } }),
    given: noDatabase,
    errCode: "OB.Cluster.ForceStopOrTerminateRequired",
  },
  {
    row: "7",
    body: ({ at }) => ({ scope: servers(at(1)), force: true, terminate: true }),
    given: noDatabase,
    errCode: "OB.Cluster.StopModeConflict",
  },
  {
    row: "8 graceful",
    body: ({ at }) => ({ scope: servers(at(1)) }),
    given: noDatabase,
    errCode: "OB.Cluster.ForceStopRequired",
  },
  {
    row: "8 terminate",
    body: () => ({ scope: { type: "GLOBAL" }, terminate: true }),
    given: noDatabase,
    errCode: "OB.Cluster.ForceStopRequired",
  },
  {
    row: "8 zone by force",
    body: () => ({ scope: zones("zone2"), force: true }),
    given: noDatabase,
    errCode: "OB.Cluster.ForceStopRequired",
    since: "4.4.1.0",
  },
  {
    row: "8 not by force",
    body: ({ at }) => ({ scope: servers(at(1)), force: true }),
    given: noDatabase,
    errCode: "",
    since: "9",
  },
  {
    row: "9 two zones",
    body: ({ at }) => ({ scope: servers(at(0), at(1)) }),
    errCode: "OB.Server.StoppedInMultiZone",
    since: "4.4.1.0",
  },
  {
    row: "9 other stopped",
    body: ({ at }) => ({ scope: servers(at(1)) }),
    given: stoppedElsewhere,
    errCode: "OB.Server.StoppedInMultiZone",
    since: "4.4.1.0",
  },
  {
    row: "9 not by force",
    body: ({ at }) => ({ scope: servers(at(1)), force: true }),
    given: stoppedElsewhere,
    errCode: "",
    since: "9",
  },
  {
    row: "9 no majority check",
    body: ({ at }) => ({ scope: servers(at(1)) }),
    given: deadElsewhere,
    errCode: "",
    since: "9",
  },
  {
    row: "10 two zones",
    body: () => ({ scope: zones("zone1", "zone2") }),
    errCode: "OB.Server.StoppedInMultiZone",
    since: "4.4.1.0",
  },
  {
    row: "10 other stopped",
    body: () => ({ scope: zones("zone2") }),
    given: stoppedElsewhere,
    errCode: "OB.Server.StoppedInMultiZone",
    since: "4.4.1.0",
  },
  {
    row: "10 majority",
    body: () => ({ scope: zones("zone2") }),
    given: deadElsewhere,
    errCode: "OB.Cluster.Tenant.Replica.Invalid",
    since: "4.4.1.0",
  },
  {
    row: "10 not by terminate",
    body: () => ({ scope: zones("zone2"), terminate: true }),
    given: deadElsewhere,
    errCode: "",
    since: "9",
  },
];

const LAST_ROW_WITHOUT_DATA = 4;
const CASES = VERSIONS.flatMap((version) => ROWS.map((row) => ({ version, ...row })));

test.each(CASES)("$version, row $row: $errCode", async (tried) => {
  const { version, row, body, path, given, errCode, since, old } = tried;
  const played = await play({ scenario: "small", version });
  given?.(played);
  const answer = await played.client.post(path ?? "/ob/stop", body(played));
  if (since && !isSince(version, since)) {
    expect(answer).toMatchObject({ status: 200, json: { data: { state: "READY", stage: 1 } } });
  } else if (isSince(version, "4.3.1.0")) {
    expect([answer.status, answer.json.error?.errCode]).toEqual([400, errCode]);
    // From the agent's own state on a refusal comes with a typed nil.
    if (Number.parseInt(row) > LAST_ROW_WITHOUT_DATA) expect(answer.json).toHaveProperty("data", null);
    else expect(answer.json).not.toHaveProperty("data");
  } else {
    expect([answer.status, answer.json.error?.code]).toEqual(old ?? [400, 1001]);
  }
});
