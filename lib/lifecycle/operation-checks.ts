import type { Topology } from "../clusters/schema";
import type { WhyNot } from "../tasks/operations";
import { judgeFresh, judgeMajority } from "./checks";
import { toChecks, type Judged } from "./judgement";
import { judgeClusterTask } from "./member-checks";
import type { Check, Impact, OperationRequest, Part } from "./schema";

interface Operation {
  action: OperationRequest["action"];
  parts: readonly Part[];
  /** It makes the run go on. */
  goesOn: boolean;
  /** And that run stops servers, with this impact, if its targets are known. */
  takesDown: boolean;
  impact: Impact;
  areTargetsKnown: boolean;
  subjects: readonly { id: string; isSilent: boolean; refusal: WhyNot | null }[];
}

/** What speaks for and against doing something with a run. Pure. */
export function judgeOperation(topology: Topology, operation: Operation): Check[] {
  const judged: Partial<Record<Check["id"], Judged>> = {
    fresh: judgeFresh(topology),
    run: judgeRun(operation),
    "nobody-else": operation.goesOn ? judgeNobodyElse(topology, operation) : undefined,
    "cluster-task": operation.goesOn ? judgeClusterTask(topology) : undefined,
    majority: operation.takesDown ? judgeStop(operation) : undefined,
    "agents-answer": judgeAgents(topology, operation),
  };
  return toChecks(topology, operation.action, judged);
}

/** Only what the engine accepts is sent; a lock whose run nobody tells about may be released on a person's word. */
function judgeRun({ action, parts, subjects }: Operation): Judged {
  const refused = subjects.find((subject) => subject.refusal !== null);
  if (refused?.refusal) return { level: "block", message: refused.refusal, params: { run: refused.id } };
  if (parts.length === 0) return { level: "block", message: "nothing-held", params: { run: subjects[0]?.id ?? "" } };
  const silent = subjects.find((subject) => subject.isSilent);
  if (silent) return { level: "warn", message: "silent", params: { run: silent.id } };
  return { level: "ok", message: action };
}

/** Who else works on the cluster; what this run holds itself is what it goes on with. */
function judgeNobodyElse({ activeRuns, notAsked }: Topology, { subjects }: Operation): Judged | undefined {
  if (activeRuns === null) return { level: "warn", message: "unknown" };
  const others = activeRuns.filter((run) => !run.holdsMaintenance && !subjects.some(({ id }) => id === run.id));
  const [first] = others;
  if (first) {
    const params = { run: first.id, name: first.name, from: "elsewhere" };
    return { level: "block", message: "running", params, items: others.map(({ id }) => id) };
  }
  if (notAsked.length === 0) return undefined;
  return { level: "warn", message: "not-asked", params: { count: notAsked.length }, items: notAsked };
}

const judgeStop = ({ impact, areTargetsKnown }: Operation): Judged =>
  areTargetsKnown
    ? judgeMajority(impact, { clusterVerdict: null, agentKey: null })
    : { level: "warn", message: "targets" };

/** Agents that would be asked and do not answer keep what they hold. */
function judgeAgents(topology: Topology, { parts }: Operation): Judged {
  const answering = new Set(
    topology.zones
      .flatMap((zone) => zone.servers.filter((server) => server.agent?.answers))
      .map(({ address }) => address),
  );
  const asked = [...new Set(parts.map((part) => part.agent))];
  const silent = asked.filter((agent) => !answering.has(agent));
  return silent.length === 0
    ? { level: "ok", message: "ok", params: { count: asked.length } }
    : { level: "info", message: "partly", params: { count: silent.length, total: asked.length }, items: silent };
}
