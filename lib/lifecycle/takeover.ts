import "server-only";
import type { Topology } from "../clusters/schema";
import { isSilent } from "../tasks/agents";
import { runStateOf } from "../tasks/engine-words";
import { operationFacts, UNTOLD, whyNot, type WhyNot } from "../tasks/operations";
import { readHead, toPlanRun } from "./plan-run";
import type { Check, PlanRun } from "./schema";

/** The run that an escalation would cancel first, judged as a cancel of it is. */
export interface Takeover {
  run: PlanRun;
  refusal: WhyNot | null;
}

/** Throws `run-unknown` for a run that is not of this cluster: nothing is asked of a stranger. */
export async function readTakeover(topology: Topology, runId: string): Promise<Takeover> {
  const { dag, by } = await readHead(topology.cluster.id, runId, nullIfSilent);
  const facts = dag ? operationFacts(dag, runStateOf(dag), topology) : UNTOLD;
  return { run: toPlanRun(runId, dag, by), refusal: whyNot("cancel", facts) };
}

function nullIfSilent(error: unknown): null {
  if (isSilent(error)) return null;
  throw error;
}

/** Whether that run can be cancelled, as a row of the checks. */
export const checkTakeover = (topology: Topology, { run, refusal }: Takeover): Check => ({
  id: "run",
  level: refusal === null ? "ok" : "block",
  message: refusal ?? "cancel",
  params: { run: run.id },
  items: [],
  commands: [],
  checkedAt: topology.readAt,
});

export const withoutRun = (topology: Topology, runId: string): Topology => ({
  ...topology,
  activeRuns: topology.activeRuns?.filter((run) => run.id !== runId) ?? null,
});
