import { isProduction } from "../clusters/environment";
import type { Environment } from "../clusters/schema";
import type { Check, Impact, Method, Tier } from "./schema";

/** What is asked of the operator, and why (ux C-6). Nothing else decides it. */
export function tierOf(
  environment: Environment,
  method: Method,
  impact: Impact,
  checks: readonly Check[],
): { tier: Tier; reasons: string[] } {
  const production = isProduction(environment);
  const critical = [
    production && method === "force" && "force-production",
    impact.majority.verdict === "lost" && "majority-lost",
    impact.majority.verdict === "unknown" && "majority-unknown",
    impact.scope?.type === "GLOBAL" && "whole-cluster",
    impact.stopping * 2 > impact.total && "more-than-half",
    checks.some((check) => check.level === "warn" && check.id !== "majority") && "warning-overridden",
  ].filter((reason) => reason !== false);
  if (critical.length > 0) return { tier: 3, reasons: critical };
  const elevated = [
    production && "production",
    impact.zones.filter((zone) => zone.stopping > 0).length > 1 && "several-zones",
    method === "force" && "force",
  ].filter((reason) => reason !== false);
  return elevated.length > 0 ? { tier: 2, reasons: elevated } : { tier: 1, reasons: [] };
}
