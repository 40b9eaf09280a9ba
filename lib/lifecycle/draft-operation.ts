import "server-only";
import type { Server, Topology } from "../clusters/schema";
import { AppError } from "../errors";
import { kindOfRun, runStateOf } from "../tasks/engine-words";
import { operationFacts, UNTOLD, whyNot } from "../tasks/operations";
import { taskOwner } from "../obshell/wire/task-id";
import type { Judgement } from "./judgement";
import { impactOf } from "./impact";
import { judgeOperation } from "./operation-checks";
import { toPlanRun } from "./plan-run";
import { readSubject, type Subject } from "./read-subject";
import type { Impact, OperationRequest, Part } from "./schema";
import { withoutRun } from "./takeover";
import { tierOf } from "./tier";

/** Something done with a run that exists, judged as the engine would judge it (protocol §6.5, ux V-1). */
export async function draftOperation(request: OperationRequest, topology: Topology): Promise<Judgement> {
  const ids = request.action === "release" ? request.runIds : [request.runId];
  const subjects = await Promise.all(ids.map((id) => readSubject(request.clusterId, id)));
  const [first] = subjects;
  if (!first) throw new AppError("task-not-found");
  const parts = subjects.flatMap((subject) => partsOf(request, subject, topology));
  const refusals = subjects.map(({ dag }) =>
    whyNot(request.action, dag ? operationFacts(dag, runStateOf(dag), topology) : UNTOLD),
  );
  const goesOn = request.action === "retry" || request.action === "skip";
  const takesDown = goesOn && (!first.dag || kindOfRun(first.dag.name) === "stop");
  const impact = takesDown ? impactOfStop(topology, first) : { ...impactOf(topology, new Set(), "stop"), blocks: [] };
  const checks = judgeOperation(topology, {
    action: request.action,
    parts,
    ...{ goesOn, takesDown, impact, areTargetsKnown: first.targets !== null },
    subjects: subjects.map(({ id, dag }, at) => ({ id, isSilent: dag === null, refusal: refusals[at] ?? null })),
  });
  const { tier, reasons } = tierOf(topology.cluster.environment, {
    action: request.action,
    method: null,
    impact,
    checks,
    takesDown,
  });
  const servers = new Map(topology.zones.flatMap((zone) => zone.servers).map((server) => [server.address, server]));
  const shown = (addresses: readonly string[]): Server[] => addresses.flatMap((address) => servers.get(address) ?? []);
  return {
    impact,
    checks,
    tier,
    tierReasons: reasons,
    coordinator: servers.get(taskOwner(first.id) ?? "") ?? null,
    blockers: [],
    run: toPlanRun(first.id, first.dag, first.by),
    call: parts.length > 0 ? { call: "operate", parts } : null,
    targets: shown(request.action === "release" ? parts.map((part) => part.agent) : (first.targets ?? [])),
  };
}

/** A stop that is taken up again goes on to take its servers down; nobody but this console looks at the majority then. */
function impactOfStop(topology: Topology, { id, targets }: Subject): Impact {
  const impact = impactOf(atRest(withoutRun(topology, id)), new Set(targets ?? []), "terminate");
  const blocks = impact.blocks.filter(({ reason }) => reason === "run-in-progress");
  const unknown = targets === null ? { verdict: "unknown" as const, tenants: [] } : {};
  return { ...impact, blocks, majority: { ...impact.majority, ...unknown, guard: "nobody" } };
}

/** The picture may be from when the run still went; its end left these servers as they were (protocol §7.4). */
const atRest = (topology: Topology): Topology => ({
  ...topology,
  zones: topology.zones.map((zone) => ({
    ...zone,
    servers: zone.servers.map((server) =>
      server.state === "STOPPING" && server.innerStatus === "ACTIVE" ? { ...server, state: "SERVING" } : server,
    ),
  })),
});

/** The requests that it takes, in their order (protocol §7.6). */
function partsOf(request: OperationRequest, { id, dag }: Subject, topology: Topology): Part[] {
  const owner = taskOwner(id) ?? "";
  switch (request.action) {
    case "cancel":
      // Where its details could not be read, what the agents themselves say.
      return [
        { agent: owner, taskId: id, does: "cancel" },
        ...releasesOf(dag && Object.keys(dag.subDags).length > 0 ? dag.subDags : heldParts(topology, id)),
      ];
    case "retry":
      return [{ agent: owner, taskId: id, does: "retry" }];
    case "skip": {
      const node = dag?.nodes[dag.stage - 1];
      return node ? [{ agent: owner, taskId: node.id, does: "pass-node" }] : [];
    }
    case "release":
      return releasesOf(heldParts(topology, id)).filter(
        ({ agent }) => request.agents === null || request.agents.includes(agent),
      );
  }
}

/** Each agent that says it is held by this run, with its part of it. */
const heldParts = ({ activeRuns }: Topology, id: string): Record<string, string> => {
  const holds = activeRuns?.find((run) => run.id === id)?.holds ?? [];
  return Object.fromEntries(holds.map(({ agent, taskId }) => [agent, taskId]));
};

const releasesOf = (subDags: Record<string, string>): Part[] =>
  Object.entries(subDags).map(([agent, taskId]) => ({ agent, taskId, does: "release" }));
