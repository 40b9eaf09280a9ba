import { type Agent, type World } from "../agent";
import { AgentError, badRequest, failed, messageOf } from "../agent-error";
import { bindStop, bindZoneStop, checkScope, type StopBody } from "../check-scope";
import { checkStop, checkZoneStop, noDatabase } from "../check-stop";
import type { MainRun } from "../dag";
import { dagDto } from "../dag-dto";
import { createMainDag } from "../main-dag";
import { agentWithDatabase } from "../peer-call";
import { thawed } from "../silence";
import { isClusterAgent, requireClusterAgent } from "./open";
import { parameter, PartialFailure, type Call, type Route } from "./route";

export const lifecycleRoutes: readonly Route[] = [
  { method: "POST", path: "ob/stop", isWrite: true, handle: stop },
  { method: "POST", path: "ob/start", isWrite: true, handle: start },
  {
    method: "POST",
    path: "ob/zone/:zone/stop",
    since: "4.4.1.0",
    asksDatabase: true,
    isWrite: true,
    handle: stopZone,
  },
  { method: "POST", path: "ob/zone/:zone/stop/check", since: "4.4.1.0", asksDatabase: true, handle: checkStopZone },
];

async function stop({ world, agent, body }: Call): Promise<unknown> {
  const bound = bindStop(body);
  const checked = checkScope(world, bound);
  // Zones are looked up in the database, and every stop without force asks how it is.
  if (!bound.force || checked.scope.type === "ZONE") await thawed(world.faults, agent.address);
  return withNullData(() => {
    requireClusterAgent(world, agent);
    const mode = checkStop(world, agent, bound, checked);
    const forcePass = forcePassOf(bound);
    return accept(world, agent, { action: "stop", mode, freeze: mode === "terminate", ...checked, forcePass });
  });
}

/** From here on a refusal comes with a typed nil, which shows as `"data":null`. */
function withNullData(handle: () => unknown): unknown {
  try {
    return handle();
  } catch (error) {
    throw error instanceof AgentError ? new PartialFailure(error, null) : error;
  }
}

async function start({ world, agent, body }: Call): Promise<unknown> {
  const bound = bindStop(body);
  const checked = checkScope(world, bound);
  if (checked.scope.type === "ZONE") await thawed(world.faults, agent.address);
  if (world.faults.has(agent.address, "not-initialized"))
    throw badRequest("OB.Cluster.NotInitialized", "Cluster has not been initialized, please initialize it first");
  return withNullData(() => {
    requireClusterAgent(world, agent);
    const forcePass = forcePassOf(bound);
    return accept(world, agent, { action: "start", mode: "stop", freeze: false, ...checked, forcePass });
  });
}

async function stopZone(call: Call): Promise<unknown> {
  const { world, agent } = call;
  const bound = bindZoneStop(call.body);
  const zone = parameter(call, "zone");
  const checker = isClusterAgent(world, agent) ? await agentWithDatabase(world, agent) : agent;
  return withNullData(() => {
    requireClusterAgent(world, agent);
    checkAt(world, agent, checker, zone);
    const members = world.agents.filter((member) => member.zone === zone);
    return accept(world, agent, {
      action: "stop",
      mode: "zone",
      freeze: bound.freeze_server === true,
      scope: { type: "ZONE", target: [zone] },
      targets: new Set(members.map((member) => member.address)),
      forcePass: forcePassOf(bound),
    });
  });
}

function checkStopZone(call: Call): undefined {
  bindZoneStop(call.body);
  requireClusterAgent(call.world, call.agent);
  if (call.world.database.stateAt(call.agent.address) !== 3) throw noDatabase(call.world, call.agent);
  checkZoneStop(call.world, parameter(call, "zone"));
}

/** An agent without a database lets another one check; a refusal from there has lost its error code. */
function checkAt(world: World, agent: Agent, checker: Agent, zone: string): void {
  if (world.database.stateAt(checker.address) !== 3) throw noDatabase(world, agent);
  if (checker === agent) return checkZoneStop(world, zone);
  try {
    checkZoneStop(world, zone);
  } catch (error) {
    const path = `/api/v1/ob/zone/${zone}/stop/check`;
    throw failed("Agent.RPC.RequestError", `Request [POST]${path} to ${checker.address} error: ${messageOf(error)}`);
  }
}

const forcePassOf = ({ forcepassdag }: Pick<StopBody, "forcepassdag">): readonly string[] => forcepassdag?.id ?? [];

/** 200 means only that the DAG exists: a conflict with another task shows up later, as a FAILED DAG. */
function accept(world: World, agent: Agent, run: Omit<MainRun, "subDags" | "succeeded">): unknown {
  const dag = createMainDag(world, agent, { ...run, subDags: new Map(), succeeded: new Set() });
  return dagDto(world, agent, dag, false);
}
