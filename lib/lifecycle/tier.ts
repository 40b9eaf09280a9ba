import { isProduction } from "../clusters/environment";
import type { Environment } from "../clusters/schema";
import type { Check, Impact, Method, PlanAction, Tier } from "./schema";

export interface Risk {
  action: PlanAction;
  method: Method | null;
  impact: Impact;
  checks: readonly Check[];
}

/**
 * What is asked of the operator, and why (ux C-6). Nothing else decides it. Bringing servers back loses no majority, so
 * of a start only warnings and a whole cluster count; something done with a run is never routine (ux §11).
 */
export function tierOf(
  environment: Environment,
  { action, method, impact, checks }: Risk,
): { tier: Tier; reasons: string[] } {
  const production = isProduction(environment);
  const isStop = action === "stop";
  const critical = [
    isStop && production && method === "force" && "force-production",
    isStop && impact.majority.verdict === "lost" && "majority-lost",
    isStop && impact.majority.verdict === "unknown" && "majority-unknown",
    (isStop || action === "start") && impact.scope?.type === "GLOBAL" && "whole-cluster",
    isStop && impact.stopping * 2 > impact.total && "more-than-half",
    checks.some((check) => check.level === "warn" && check.id !== "majority") && "warning-overridden",
  ].filter((reason) => reason !== false);
  if (critical.length > 0) return { tier: 3, reasons: critical };
  const elevated = [
    production && "production",
    isStop && impact.zones.filter((zone) => zone.stopping > 0).length > 1 && "several-zones",
    isStop && method === "force" && "force",
    !isStop && action !== "start" && "operation",
  ].filter((reason) => reason !== false);
  return elevated.length > 0 ? { tier: 2, reasons: elevated } : { tier: 1, reasons: [] };
}
