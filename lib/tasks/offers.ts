import type { Server, Topology } from "../clusters/schema";
import type { Dag } from "../obshell/schema";
import { isLive } from "./engine-words";
import { operationFacts, whyNot, type Operation } from "./operations";
import { isThere } from "./outcome";
import type { Offer, OfferObstacle, Run, RunTask } from "./schema";
import { heldBy, serversOf } from "./servers-now";

export interface OfferFacts {
  dag: Dag;
  tasks: readonly RunTask[];
  topology: Topology | null;
  run: Pick<
    Run,
    "id" | "kind" | "state" | "method" | "targets" | "scope" | "outcome" | "problems" | "stages" | "coordinator"
  >;
}

/**
 * What may be done with a run as it stands, what helps most first (ux §11, V-1). Pure: whatever is offered without an
 * obstacle is accepted by the engine, and what it would accept and helps is offered.
 */
export function offersOf(facts: OfferFacts): Offer[] {
  const { kind, state } = facts.run;
  if (kind === "other") return [];
  if (isLive(state)) return whileGoing(facts);
  if (state === "UNKNOWN") return whileUnknown(facts);
  const offers = afterTheEnd(facts);
  const [first, ...rest] = offers.map((offer): Offer => ({ ...offer, rank: "secondary" }));
  return first ? [{ ...first, rank: "primary" }, ...rest] : [];
}

const offer = (kind: Offer["kind"], touches: readonly string[], obstacle: OfferObstacle | null = null): Offer => ({
  kind,
  rank: "secondary",
  touches: [...touches],
  obstacle,
});

/** An operation that the engine accepts, or one that exists here and cannot be done now; nothing otherwise. */
function operation(facts: OfferFacts, kind: Operation, touches: readonly string[]): Offer[] {
  const refusal = whyNot(kind, operationFacts(facts.dag, facts.run.state, facts.topology));
  if (refusal === null) return [offer(kind, touches)];
  // What it holds could not be asked everywhere.
  if (refusal === "unknown" && (kind === "retry" || kind === "skip")) return [offer(kind, touches, "not-asked")];
  return refusal === "cancelling" || refusal === "version" || refusal === "released"
    ? [offer(kind, touches, refusal)]
    : [];
}

function whileGoing(facts: OfferFacts): Offer[] {
  const { run } = facts;
  const cancel = operation(facts, "cancel", run.targets ?? []);
  const stuck = stuckServers(facts);
  const mayEscalate = run.kind === "stop" && run.method !== "force" && stuck.length > 0;
  const isCancelling = cancel.some((one) => one.obstacle !== null);
  if (!mayEscalate) return cancel;
  return [{ ...offer("escalate", stuck, isCancelling ? "cancelling" : null), rank: "primary" }, ...cancel];
}

/** Targets that take longer than usual; a step that is done for all of them at once is all of them. */
function stuckServers({ run, tasks }: OfferFacts): string[] {
  const targets = run.targets ?? [];
  const stuck = tasks.filter((task) => task.stuck);
  const forAll = stuck.some(({ agent, stage }) => {
    const key = run.stages[stage - 1]?.key;
    return agent === null && (key === "flush" || key === "sql");
  });
  return forAll ? targets : targets.filter((target) => stuck.some(({ agent }) => agent === target));
}

/** The run may still be going: to look comes first, and sending it again not at all (check 17). */
function whileUnknown(facts: OfferFacts): Offer[] {
  const { topology, run } = facts;
  const others = topology ? serversOf(topology).filter((server) => server.agent?.answers) : [];
  const touches = others.map((server) => server.address).filter((address) => address !== run.coordinator);
  const held = heldBy(topology, run.id) ?? [];
  return [
    { ...offer("read-elsewhere", touches), rank: "primary" },
    ...(held.length > 0 ? operation(facts, "release", held) : []),
  ];
}

function afterTheEnd(facts: OfferFacts): Offer[] {
  const { run, topology } = facts;
  if (run.state === "SUCCEEDED") {
    const isMissed = run.outcome.state === "missed";
    return [...(isMissed ? [...release(facts), ...stopRemaining(facts)] : []), ...start(facts)];
  }
  const stage = run.stages[facts.dag.stage - 1]?.key;
  const isFailed = run.state === "FAILED";
  if (isFailed && (stage === "prepare" || stage === "ready")) return [...checkAgents(facts), ...release(facts)];
  if (isFailed && stage === "startZone") return [...operation(facts, "retry", []), ...release(facts), ...start(facts)];
  const held = heldBy(topology, run.id);
  if (isFailed && stage === "flush" && held?.length !== 0) {
    const targets = run.targets ?? [];
    const onward = [...operation(facts, "retry", targets), ...operation(facts, "skip", targets)];
    const isOpen = onward.some(({ obstacle }) => obstacle === null);
    return isOpen ? [...onward, ...release(facts)] : [...release(facts), ...onward];
  }
  return [...release(facts), ...stopRemaining(facts), ...start(facts)];
}

function release(facts: OfferFacts): Offer[] {
  const held = heldBy(facts.topology, facts.run.id);
  if (held === null) return facts.topology ? [offer("release", [], "not-asked")] : [];
  return held.length > 0 ? operation(facts, "release", held) : [];
}

function checkAgents(facts: OfferFacts): Offer[] {
  const named = [...new Set(facts.run.problems.flatMap((problem) => problem.agents))];
  return [offer("check-agents", named.length > 0 ? named : [facts.run.coordinator], elsewhere(facts))];
}

/** A stop that ended short of what it wanted: a new plan for what remains (ux §11). */
function stopRemaining(facts: OfferFacts): Offer[] {
  const { run, topology } = facts;
  const { wanted } = run.outcome;
  if (run.kind !== "stop" || run.targets === null || wanted === null || !topology) return [];
  const zones = new Map(topology.zones.map((zone) => [zone.name, zone.innerStatus]));
  const open = targetsOf(run.targets, topology).filter(
    (server) => !isThere(server, wanted, zones.get(server.zone) ?? "") && server.state !== "PROCESS_STOPPED",
  );
  const reported = open.filter((server) => server.state !== "NOT_REPORTED");
  const touches = (reported.length > 0 ? reported : open).map((server) => server.address);
  if (touches.length === 0) return [];
  return [offer("stop-remaining", touches, elsewhere(facts) ?? (reported.length > 0 ? null : "not-reported"))];
}

const DOWN: ReadonlySet<Server["state"]> = new Set(["PROCESS_STOPPED", "SERVICE_STOPPED", "UNAVAILABLE"]);

/** What a stop took down and is down still, or what a start did not bring back. */
function start(facts: OfferFacts): Offer[] {
  const { run, topology } = facts;
  if (run.targets === null || !topology) return [];
  const mayBeStopped = zonesMayBeStopped(run);
  const down = targetsOf(run.targets, topology).filter(
    (server) => DOWN.has(server.state) || (mayBeStopped && server.state === "SERVICE_NOT_REPORTED"),
  );
  if (down.length === 0) return [];
  return [
    offer(
      "start",
      down.map((server) => server.address),
      elsewhere(facts),
    ),
  ];
}

/** It stopped zones, or did not come to start them: where nobody reports that of a zone, a start of it is offered. */
const zonesMayBeStopped = ({ kind, scope, state, stages }: OfferFacts["run"]): boolean =>
  kind === "stop"
    ? scope === "ZONE" && stages.some(({ key }) => key === "sql")
    : scope !== "SERVER" && state !== "SUCCEEDED";

function targetsOf(targets: readonly string[], topology: Topology): Server[] {
  const wanted = new Set(targets);
  return serversOf(topology).filter((server) => wanted.has(server.address));
}

/** One run at a time: while another one is going, or may be because nobody tells about it, no plan can be sent. */
function elsewhere({ run, topology }: OfferFacts): OfferObstacle | null {
  const others = topology?.activeRuns?.filter((one) => one.id !== run.id) ?? [];
  if (others.some((one) => !one.holdsMaintenance)) return "other-run";
  return others.some((one) => one.state === "UNKNOWN") ? "other-unknown" : null;
}
