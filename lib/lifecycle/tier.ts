import { isProduction } from "../clusters/environment";
import type { Environment } from "../clusters/schema";
import type { Check, Impact, Method, PlanAction, Tier } from "./schema";

export interface Risk {
  action: PlanAction;
  method: Method | null;
  impact: Impact;
  checks: readonly Check[];
  /** An operation that makes a stop go on is judged as a stop. */
  takesDown?: boolean;
}

/**
 * What is asked of the operator, and why (ux C-6). Nothing else decides it. Bringing servers back loses no majority, so
 * of a start only warnings and a whole cluster count; something done with a run is never routine (ux §11).
 */
export function tierOf(
  environment: Environment,
  { action, method, impact, checks, takesDown = action === "stop" }: Risk,
): { tier: Tier; reasons: string[] } {
  const production = isProduction(environment);
  const critical = [
    takesDown && production && method === "force" && "force-production",
    takesDown && impact.majority.verdict === "lost" && "majority-lost",
    takesDown && impact.majority.verdict === "unknown" && "majority-unknown",
    (takesDown || action === "start") && impact.scope?.type === "GLOBAL" && "whole-cluster",
    takesDown && impact.stopping * 2 > impact.total - impact.majority.setAside.length && "more-than-half",
    checks.some((check) => check.level === "warn" && check.id !== "majority") && "warning-overridden",
  ].filter((reason) => reason !== false);
  if (critical.length > 0) return { tier: 3, reasons: critical };
  const elevated = [
    production && "production",
    takesDown && impact.zones.filter((zone) => zone.stopping > 0).length > 1 && "several-zones",
    takesDown && method === "force" && "force",
    action !== "stop" && action !== "start" && "operation",
  ].filter((reason) => reason !== false);
  return elevated.length > 0 ? { tier: 2, reasons: elevated } : { tier: 1, reasons: [] };
}
