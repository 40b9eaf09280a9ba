import { expect, test } from "vitest";
import { serverState, type ServerFacts } from "./server-state";

const serving: ServerFacts = {
  reported: { status: "RUNNING", innerStatus: "ACTIVE", stoppedAt: null, hasBegunService: true },
  zoneInnerStatus: "ACTIVE",
  obState: 3,
  fromDatabase: true,
  runGoing: false,
};
const reported = (change: Partial<ServerFacts["reported"]>) => ({ ...serving.reported, ...change });

test.each<[string, Partial<ServerFacts>, string]>([
  ["a healthy server serves", {}, "SERVING"],
  [
    "a set stop time with a living process is a stopped service",
    { reported: reported({ stoppedAt: "2026-01-01T00:00:00Z" }) },
    "SERVICE_STOPPED",
  ],
  [
    "an old agent tells a stopped service by its status alone",
    { reported: reported({ status: "SERVICE_STOPPED" }) },
    "SERVICE_STOPPED",
  ],
  [
    "a stopped zone stops the service of its servers, though each is ACTIVE",
    { zoneInnerStatus: "INACTIVE" },
    "SERVICE_STOPPED",
  ],
  [
    "agents that do not report whether a zone is stopped do not say that its servers serve",
    { zoneInnerStatus: "" },
    "SERVICE_NOT_REPORTED",
  ],
  [
    "the same by the database's word on a silent agent's server",
    { zoneInnerStatus: "", obState: null },
    "SERVICE_NOT_REPORTED",
  ],
  [
    "a working database connection without the database's word: it runs, and no more is known",
    { zoneInnerStatus: "", fromDatabase: false, reported: reported({ innerStatus: "" }) },
    "SERVICE_NOT_REPORTED",
  ],
  [
    "where zones are not reported, a server that was stopped by itself still is",
    { zoneInnerStatus: "", reported: reported({ status: "SERVICE_STOPPED", innerStatus: "" }) },
    "SERVICE_STOPPED",
  ],
  [
    "a server that the database has seen but that has not begun to serve is not serving yet",
    { reported: reported({ hasBegunService: false }) },
    "NOT_SERVING_YET",
  ],
  [
    "nor is one whose agent is silent, by the database's word",
    { reported: reported({ hasBegunService: false }), obState: null },
    "NOT_SERVING_YET",
  ],
  [
    "an agent that does not tell since when a server serves leaves it as it was",
    { reported: reported({ hasBegunService: null }) },
    "SERVING",
  ],
  [
    "a zero time from the agents' own files is no word of the database",
    { zoneInnerStatus: "", fromDatabase: false, reported: reported({ innerStatus: "", hasBegunService: false }) },
    "SERVICE_NOT_REPORTED",
  ],
  [
    "a stopped service that has not begun is told as stopped: only a start of it brings it back",
    { reported: reported({ hasBegunService: false, stoppedAt: "2026-01-01T00:00:00Z" }) },
    "SERVICE_STOPPED",
  ],
  [
    "a start that goes on is told as starting until it is over",
    { runGoing: true, reported: reported({ status: "STARTING", hasBegunService: false }) },
    "STARTING",
  ],
  [
    "a process that cannot be used is unavailable, whether or not it began",
    { obState: 1, reported: reported({ hasBegunService: false }) },
    "UNAVAILABLE",
  ],
  ["a missing process counts before the database's late word", { obState: 0 }, "PROCESS_STOPPED"],
  [
    "a missing process in a stopped zone is a stopped process",
    { obState: 0, zoneInnerStatus: "INACTIVE" },
    "PROCESS_STOPPED",
  ],
  ["a process without a usable connection is unavailable", { obState: 1 }, "UNAVAILABLE"],
  [
    "a living process that the database calls inactive is unavailable",
    { reported: reported({ innerStatus: "INACTIVE" }) },
    "UNAVAILABLE",
  ],
  ["deleting is said", { reported: reported({ innerStatus: "DELETING" }) }, "DELETING"],
  [
    "a stop that is going shows as stopping",
    { runGoing: true, reported: reported({ status: "PROCESS_STOPPING" }) },
    "STOPPING",
  ],
  ["a leftover …STOPPING without a run does not", { reported: reported({ status: "PROCESS_STOPPING" }) }, "SERVING"],
  [
    "a start that is going shows as starting",
    { runGoing: true, reported: reported({ status: "STARTING" }) },
    "STARTING",
  ],
  ["a silent agent: the database still reports its server", { obState: null }, "SERVING"],
  [
    "a silent agent and no heartbeat: nothing is known of the process",
    { obState: null, reported: reported({ innerStatus: "INACTIVE" }) },
    "NOT_REPORTED",
  ],
  [
    "a silent agent and no database: nothing is known",
    { obState: null, fromDatabase: false, reported: reported({ innerStatus: "" }) },
    "NOT_REPORTED",
  ],
  [
    "no database, but a living process: unavailable",
    { obState: 1, fromDatabase: false, reported: reported({ innerStatus: "" }) },
    "UNAVAILABLE",
  ],
])("%s", (_title, change, state) => {
  expect(serverState({ ...serving, ...change })).toBe(state);
});
