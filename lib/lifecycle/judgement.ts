import type { Server, Topology } from "../clusters/schema";
import type { PlanCall } from "./plan-call";
import { checkId, type Blocker, type Check, type Impact, type Plan, type PlanRun, type Tier } from "./schema";

/** What was found about a request, before it is known whether anything about it has changed. */
export interface Judgement {
  impact: Impact;
  checks: Check[];
  tier: Tier;
  tierReasons: string[];
  /** The agent that the request goes through; of an operation the one that holds its run. */
  coordinator: Server | null;
  blockers: Blocker[];
  run: PlanRun | null;
  call: PlanCall | null;
  targets: Server[];
}

/** A check before it has an id. */
type Optional = "items" | "params" | "commands";
export type Judged = Omit<Check, "id" | "checkedAt" | Optional> & Partial<Pick<Check, Optional>>;

/** The rows of a plan in their order. Their sentences say what is done, and all are of one look at the cluster. */
export const toChecks = (
  { readAt }: Topology,
  action: Plan["action"],
  judged: Partial<Record<Check["id"], Judged>>,
): Check[] =>
  checkId.options.flatMap((id) => {
    const row = judged[id];
    return row ? [{ id, items: [], commands: [], checkedAt: readAt, ...row, params: { action, ...row.params } }] : [];
  });
