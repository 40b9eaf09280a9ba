import "server-only";
import { attemptOfRun } from "../audit/journal";
import type { Topology } from "../clusters/schema";
import { isAppError } from "../errors";
import { askOwner, isSilent } from "../tasks/agents";
import { kindOfRun, runStateOf } from "../tasks/engine-words";
import { whyNot, type WhyNot } from "../tasks/operations";
import { toPlanRun } from "./plan-run";
import type { Check, PlanRun } from "./schema";

const TIMEOUT_MS = 5_000;

/** The run that an escalation would cancel first, judged as a cancel of it is. */
export interface Takeover {
  run: PlanRun;
  refusal: WhyNot | null;
}

/** Throws `run-unknown` for a run that is not of this cluster: nothing is asked of a stranger. */
export async function readTakeover(topology: Topology, runId: string): Promise<Takeover> {
  const clusterId = topology.cluster.id;
  const [dag, attempt] = await Promise.all([
    askOwner(clusterId, runId, (agent) => agent.dag(runId, { details: false, timeoutMs: TIMEOUT_MS })).catch(
      (error: unknown) => {
        if (isSilent(error)) return null;
        throw error;
      },
    ),
    attemptOfRun(clusterId, runId).catch((error: unknown) => {
      if (isAppError(error)) return null;
      throw error;
    }),
  ]);
  const refusal = whyNot("cancel", {
    kind: dag ? kindOfRun(dag.name) : "stop",
    state: dag ? runStateOf(dag) : "UNKNOWN",
    isCancelling: dag?.operator === "CANCEL",
    stage: null,
    version: null,
    held: null,
    holdsAll: "unknown",
  });
  return { run: toPlanRun(runId, dag, attempt?.opened.by ?? null), refusal };
}

/** Whether that run can be cancelled, as a row of the checks. */
export const checkTakeover = (topology: Topology, { run, refusal }: Takeover): Check => ({
  id: "run",
  level: refusal === null ? "ok" : "block",
  message: refusal ?? "cancel",
  params: { run: run.id },
  items: [],
  checkedAt: topology.readAt,
});

export const withoutRun = (topology: Topology, runId: string): Topology => ({
  ...topology,
  activeRuns: topology.activeRuns?.filter((run) => run.id !== runId) ?? null,
});
