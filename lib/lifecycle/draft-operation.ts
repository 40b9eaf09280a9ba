import "server-only";
import { attemptOfRun } from "../audit/journal";
import type { Server, Topology } from "../clusters/schema";
import { AppError, isAppError } from "../errors";
import type { Dag } from "../obshell/schema";
import { askOwner } from "../tasks/agents";
import { kindOfRun, runStateOf, stageKeyOf } from "../tasks/engine-words";
import { whyNot, type OperationFacts } from "../tasks/operations";
import { taskOwner } from "../obshell/wire/task-id";
import type { Judgement } from "./judgement";
import { impactOf } from "./impact";
import { judgeOperation } from "./operation-checks";
import { toPlanRun } from "./plan-run";
import type { OperationRequest, Part } from "./schema";
import { tierOf } from "./tier";

const TIMEOUT_MS = 10_000;

/** A run that something is to be done with, as far as it can be read. */
interface Subject {
  id: string;
  /** null: no agent tells about it. */
  dag: Dag | null;
  by: string | null;
  targets: readonly string[];
}

/** Something done with a run that exists, judged as the engine would judge it (protocol §6.5, ux V-1). */
export async function draftOperation(request: OperationRequest, topology: Topology): Promise<Judgement> {
  const ids = request.action === "release" ? request.runIds : [request.runId];
  const subjects = await Promise.all(ids.map((id) => readSubject(request.clusterId, id)));
  const [first] = subjects;
  if (!first) throw new AppError("task-not-found");
  const parts = subjects.flatMap((subject) => partsOf(request, subject, topology));
  const refusals = subjects.map((subject) => whyNot(request.action, factsOf(subject, topology)));
  const impact = { ...impactOf(topology, new Set(), "stop"), blocks: [] };
  const checks = judgeOperation(topology, {
    action: request.action,
    parts,
    subjects: subjects.map(({ id, dag }, at) => ({ id, isSilent: dag === null, refusal: refusals[at] ?? null })),
  });
  const { tier, reasons } = tierOf(topology.cluster.environment, {
    action: request.action,
    method: null,
    impact,
    checks,
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
    targets: shown(request.action === "release" ? parts.map((part) => part.agent) : first.targets),
  };
}

async function readSubject(clusterId: string, id: string): Promise<Subject> {
  const [dag, attempt] = await Promise.all([
    askOwner(clusterId, id, (agent) => agent.dag(id, { timeoutMs: TIMEOUT_MS })).catch(orNull),
    attemptOfRun(clusterId, id).catch(orNull),
  ]);
  return { id, dag, by: attempt?.opened.by ?? null, targets: attempt?.opened.detail.targets ?? [] };
}

const holdsOf = (topology: Topology, id: string) =>
  topology.activeRuns === null ? null : (topology.activeRuns.find((run) => run.id === id)?.holds ?? []);

function factsOf({ id, dag }: Subject, topology: Topology): OperationFacts {
  const owner = taskOwner(id);
  const servers = topology.zones.flatMap((zone) => zone.servers);
  const node = dag?.nodes[dag.stage - 1];
  return {
    kind: dag ? kindOfRun(dag.name) : "stop",
    state: dag ? runStateOf(dag) : "UNKNOWN",
    isCancelling: dag?.operator === "CANCEL",
    stage: node ? stageKeyOf(node.name) : null,
    version: servers.find((server) => server.address === owner)?.agent.version ?? topology.agentVersion,
    held: holdsOf(topology, id)?.length ?? null,
  };
}

/** The requests that it takes, in their order (protocol §7.6). */
function partsOf(request: OperationRequest, { id, dag }: Subject, topology: Topology): Part[] {
  const owner = taskOwner(id) ?? "";
  switch (request.action) {
    case "cancel":
      return [{ agent: owner, taskId: id, does: "cancel" }, ...(dag ? releasesOf(dag.subDags) : [])];
    case "retry":
      return [{ agent: owner, taskId: id, does: "retry" }];
    case "skip": {
      const node = dag?.nodes[dag.stage - 1];
      return node ? [{ agent: owner, taskId: node.id, does: "pass-node" }] : [];
    }
    case "release": {
      const held = Object.fromEntries((holdsOf(topology, id) ?? []).map(({ agent, taskId }) => [agent, taskId]));
      return releasesOf(held).filter(({ agent }) => request.agents === null || request.agents.includes(agent));
    }
  }
}

const releasesOf = (subDags: Record<string, string>): Part[] =>
  Object.entries(subDags).map(([agent, taskId]) => ({ agent, taskId, does: "release" }));

function orNull(error: unknown): null {
  if (isAppError(error)) return null;
  throw error;
}
