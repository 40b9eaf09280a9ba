import type { Server } from "../clusters/schema";
import type { PlanCall } from "./plan-call";
import type { Blocker, Check, Impact, PlanRun, Tier } from "./schema";

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
export type Judged = Omit<Check, "id" | "checkedAt" | "items" | "params"> & Partial<Pick<Check, "items" | "params">>;
