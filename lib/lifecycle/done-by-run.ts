import "server-only";
import type { Done, Server, Topology } from "../clusters/schema";
import { hasReachedServers } from "../clusters/stopped-by-us";
import type { Run, RunTask } from "../tasks/schema";
import { isOver } from "./run-story";

/** What a run leads to. A kill ends processes: a service that is stopped is somebody else's work (protocol §5.2). */
const isDown = ({ method }: Run, { state }: Server): boolean =>
  state === "PROCESS_STOPPED" || (method === "stop" && state === "SERVICE_STOPPED");

export interface Watched {
  run: Run;
  tasks: readonly RunTask[];
  /** The last picture of the cluster that was looked for after the run was sent. */
  topology: Topology | null;
}

/**
 * What is known of a run's targets to be its work, and what was known before: what the run itself shows, and what the
 * cluster shows while the run goes on. Of what went down after its end nobody knows by whom. Pure.
 */
export function doneBy(before: Done, { run, tasks, topology }: Watched): Done {
  const targets = run.targets ?? [];
  if (before === "all" || run.state === "SUCCEEDED" || isWhole(run)) return "all";
  const done = new Set(before);
  const wait = run.stages.findIndex((stage) => stage.key === "wait") + 1;
  const kills = run.kind === "stop" && run.method !== "stop";
  for (const task of tasks)
    if (kills && task.stage === wait && task.state === "SUCCEED" && task.agent !== null) done.add(task.agent);
  if (topology && !isOver(run) && hasBegun(run))
    for (const server of topology.zones.flatMap((zone) => zone.servers))
      if (isDown(run, server)) done.add(server.address);
  return targets.filter((target) => done.has(target));
}

/** A statement that was taken is done for all of them at once. */
const isWhole = ({ kind, stages }: Run): boolean =>
  stages.some((stage) => stage.state === "SUCCEED" && stage.key === (kind === "start" ? "startZone" : "sql"));

const hasBegun = ({ kind, method, stage }: Run): boolean =>
  kind === "stop" && method !== null && hasReachedServers(method, stage);
