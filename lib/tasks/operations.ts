import type { Topology } from "../clusters/schema";
import type { Dag } from "../obshell/schema";
import { taskOwner } from "../obshell/wire/task-id";
import { supports } from "../obshell/wire/version";
import { kindOfRun, stageKeyOf } from "./engine-words";
import type { Run, RunStage } from "./schema";
import { heldBy, serversOf } from "./servers-now";

/** What the engine knows to do with a run of a start or a stop (protocol §6.5). PASS and ROLLBACK of the whole run it refuses always. */
export type Operation = "cancel" | "retry" | "skip" | "release";

export interface OperationFacts {
  kind: Run["kind"];
  state: Run["state"];
  /** Somebody has asked for its cancellation already. */
  isCancelling: boolean;
  /** The stage at which it stands. */
  stage: RunStage["key"] | null;
  /** Version of the agent that holds it; null when not known. */
  version: string | null;
  /** How many agents it holds; null when that could not be asked. */
  held: number | null;
  /** Whether it still holds every agent that takes part in it. */
  holdsAll: boolean | "unknown";
}

/** Why the engine would refuse it, or why it would be for nothing; null when it can be offered. */
export type WhyNot =
  | "not-a-run"
  | "over"
  | "going"
  | "cancelling"
  | "stage"
  | "version"
  | "nothing-held"
  /** Agents of it were let go: the others would do their part, and the run fail at the next stage. */
  | "released"
  | "unknown";

const isLive = (state: Run["state"]): boolean => state === "ACCEPTED" || state === "RUNNING";

/** Pure: the same answer on the run page and before something is sent (ux V-1). */
export function whyNot(operation: Operation, facts: OperationFacts): WhyNot | null {
  const { kind, state, stage, version, held } = facts;
  if (kind === "other") return "not-a-run";
  if (operation === "cancel") {
    if (state === "UNKNOWN") return "unknown";
    if (!isLive(state)) return "over";
    return facts.isCancelling ? "cancelling" : null;
  }
  if (isLive(state)) return "going";
  if (operation === "release") return held === 0 ? "nothing-held" : null;
  if (state === "UNKNOWN") return "unknown";
  if (state === "SUCCEEDED") return "over";
  // Start Zone has let its agents go itself, and can be tried again all the same (protocol §6.5).
  if (operation === "retry" && stage === "startZone") return null;
  if (stage === null) return "unknown";
  if (stage !== "flush") return "stage";
  if (held === 0 || facts.holdsAll === false) return "released";
  if (facts.holdsAll === "unknown") return "unknown";
  if (operation === "retry") return null;
  return version !== null && supports(version, "flushPass") ? null : "version";
}

/** Of a run that no agent tells about: it is taken for a stop, and nothing else of it is known. */
export const UNTOLD: OperationFacts = {
  kind: "stop",
  state: "UNKNOWN",
  isCancelling: false,
  stage: null,
  version: null,
  held: null,
  holdsAll: "unknown",
};

/** What `whyNot` wants to know, from the run as its agent tells it and the newest picture of the cluster. */
export function operationFacts(dag: Dag, state: Run["state"], topology: Topology | null): OperationFacts {
  const node = dag.nodes[dag.stage - 1];
  const owner = topology && serversOf(topology).find((server) => server.address === taskOwner(dag.id));
  return {
    kind: kindOfRun(dag.name),
    state,
    isCancelling: dag.operator === "CANCEL",
    stage: node ? stageKeyOf(node.name) : null,
    version: owner?.agent?.version ?? topology?.agentVersion ?? null,
    held: heldBy(topology, dag.id)?.length ?? null,
    holdsAll: holdsAll(dag, topology),
  };
}

/** Agents whose own answer is missing may hold their part or not. */
function holdsAll({ id, subDags }: Dag, topology: Topology | null): OperationFacts["holdsAll"] {
  const held = heldBy(topology, id);
  const agents = Object.keys(subDags);
  if (topology === null || held === null || agents.length === 0) return "unknown";
  const free = agents.filter((agent) => !held.includes(agent));
  const isAsked = (agent: string) => !topology.notAsked.includes(agent);
  return free.some(isAsked) ? false : free.length > 0 ? "unknown" : true;
}
