import type { Topology } from "../clusters/schema";
import type { WhyNot } from "../tasks/operations";
import type { Judged } from "./judgement";
import type { Check, OperationRequest, Part } from "./schema";

interface Operation {
  action: OperationRequest["action"];
  parts: readonly Part[];
  subjects: readonly { id: string; isSilent: boolean; refusal: WhyNot | null }[];
}

const FRESH_SECONDS = 15;

/** What speaks for and against doing something with a run. Pure. */
export function judgeOperation(topology: Topology, operation: Operation): Check[] {
  const judged: Partial<Record<Check["id"], Judged>> = {
    fresh: judgeFresh(topology),
    run: judgeRun(operation),
    "agents-answer": judgeAgents(topology, operation),
  };
  const ids = Object.keys(judged) as Check["id"][]; // safe: `judged` has these ids only
  return ids.flatMap((id) => {
    const row = judged[id];
    return row ? [{ id, params: {}, items: [], checkedAt: topology.readAt, ...row }] : [];
  });
}

function judgeFresh(topology: Topology): Judged {
  const seconds = Math.round(topology.ageMs / 1000);
  const isFresh = seconds <= FRESH_SECONDS;
  return { level: isFresh ? "ok" : "block", message: isFresh ? "ok" : "stale", params: { seconds } };
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

/** Agents that would be asked and do not answer keep what they hold. */
function judgeAgents(topology: Topology, { parts }: Operation): Judged {
  const answering = new Set(
    topology.zones
      .flatMap((zone) => zone.servers.filter((server) => server.agent.answers))
      .map(({ address }) => address),
  );
  const asked = [...new Set(parts.map((part) => part.agent))];
  const silent = asked.filter((agent) => !answering.has(agent));
  return silent.length === 0
    ? { level: "ok", message: "ok", params: { count: asked.length } }
    : { level: "info", message: "partly", params: { count: silent.length, total: asked.length }, items: silent };
}
