import { type Agent, type World } from "../agent";
import { badRequest, failed, messageOf } from "../agent-error";
import { bindStop, bindZoneStop, checkScope, type StopBody } from "../check-scope";
import { checkStop, checkZoneStop, noDatabase } from "../check-stop";
import type { MainRun } from "../dag";
import { dagDto } from "../dag-dto";
import { createMainDag } from "../main-dag";
import { canReach } from "../peer-call";
import { thawed } from "../silence";
import { requireClusterAgent } from "./open";
import { parameter, type Call, type Route } from "./route";

export const lifecycleRoutes: readonly Route[] = [
  { method: "POST", path: "ob/stop", isWrite: true, hasNullData: true, handle: stop },
  { method: "POST", path: "ob/start", isWrite: true, hasNullData: true, handle: start },
  {
    method: "POST",
    path: "ob/zone/:zone/stop",
    since: "4.4.1.0",
    asksDatabase: true,
    isWrite: true,
    hasNullData: true,
    handle: stopZone,
  },
  { method: "POST", path: "ob/zone/:zone/stop/check", since: "4.4.1.0", asksDatabase: true, handle: checkStopZone },
];

async function stop({ world, agent, body }: Call): Promise<unknown> {
  const bound = bindStop(body);
  const checked = checkScope(world, bound);
  requireClusterAgent(world, agent);
  // Zones are looked up in the database, and every stop without force asks how it is.
  if (!bound.force || checked.scope.type === "ZONE") await thawed(world.faults, agent.address);
  const mode = checkStop(world, agent, bound, checked);
  return accept(world, agent, {
    action: "stop",
    mode,
    freeze: mode === "terminate",
    ...checked,
    forcePass: forcePassOf(bound),
  });
}

async function start({ world, agent, body }: Call): Promise<unknown> {
  const bound = bindStop(body);
  const checked = checkScope(world, bound);
  if (checked.scope.type === "ZONE") await thawed(world.faults, agent.address);
  if (world.faults.has(agent.address, "not-initialized"))
    throw badRequest(
      "OB.Cluster.NotInitialized",
      "the cluster has not been initialized: the observer was never started",
    );
  requireClusterAgent(world, agent);
  return accept(world, agent, {
    action: "start",
    mode: "stop",
    freeze: false,
    ...checked,
    forcePass: forcePassOf(bound),
  });
}

function stopZone(call: Call): unknown {
  const { world, agent } = call;
  const bound = bindZoneStop(call.body);
  const zone = parameter(call, "zone");
  requireClusterAgent(world, agent);
  checkAtDatabase(world, agent, zone);
  const members = world.agents.filter((member) => member.zone === zone);
  return accept(world, agent, {
    action: "stop",
    mode: "zone",
    freeze: bound.freeze_server === true,
    scope: { type: "ZONE", target: [zone] },
    targets: new Set(members.map((member) => member.address)),
    forcePass: forcePassOf(bound),
  });
}

function checkStopZone(call: Call): undefined {
  bindZoneStop(call.body);
  requireClusterAgent(call.world, call.agent);
  checkAtDatabase(call.world, call.agent, parameter(call, "zone"));
}

/** An agent without a database lets another one check; a refusal from there has lost its error code. */
function checkAtDatabase(world: World, agent: Agent, zone: string): void {
  if (world.database.stateAt(agent.address) === 3) return checkZoneStop(world, zone);
  const other = world.agents.find((peer) => world.database.stateAt(peer.address) === 3 && canReach(world, agent, peer));
  if (!other) throw noDatabase(world, agent);
  try {
    checkZoneStop(world, zone);
  } catch (error) {
    const url = `http://${other.address}/api/v1/ob/zone/${zone}/stop/check`;
    throw failed("Agent.RPC.RequestError", `request to ${url} failed: ${messageOf(error)}`);
  }
}

const forcePassOf = ({ forcepassdag }: Pick<StopBody, "forcepassdag">): readonly string[] => forcepassdag?.id ?? [];

/** 200 means only that the DAG exists: a conflict with another task shows up later, as a FAILED DAG. */
function accept(world: World, agent: Agent, run: Omit<MainRun, "subDags" | "succeeded">): unknown {
  const dag = createMainDag(world, agent, { ...run, subDags: new Map(), succeeded: new Set() });
  return dagDto(world, agent, dag, false);
}
