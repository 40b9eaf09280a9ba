import type { BlockReason, Plan } from "@/lib/lifecycle/schema";
import { TOO_OLD_MS, type LivePlan } from "./use-live-plan";

/** Why this plan cannot be sent as things stand; the worst first. Only the last three end by themselves. */
export type Obstacle = "gone" | "sent" | "changed" | "expired" | "checks" | "signedOut" | "offline" | "stale";

type Watched = Pick<LivePlan, "plan" | "asOfMs" | "expiresAtMs" | "offlineSinceMs" | "isSignedOut" | "gone">;

export function obstacleOf(live: Watched, nowMs: number): Obstacle | null {
  const { plan } = live;
  if (live.gone) return "gone";
  if (plan.state === "sent") return "sent";
  if (plan.state === "changed" || plan.changes.length > 0) return "changed";
  if (plan.state === "expired" || nowMs > live.expiresAtMs) return "expired";
  if (blockCount(plan) > 0) return "checks";
  if (live.isSignedOut) return "signedOut";
  if (live.offlineSinceMs !== null) return "offline";
  if (nowMs - live.asOfMs > TOO_OLD_MS) return "stale";
  return null;
}

/** These obstacles go only by reviewing again (ux C-8, G-4). */
export const needsNewPlan = (obstacle: Obstacle | null): boolean =>
  obstacle === "gone" || obstacle === "sent" || obstacle === "changed" || obstacle === "expired";

const SILENT: ReadonlySet<string> = new Set([
  "not-stoppable",
  "not-startable",
  "zone-as-zone",
  "mixed-scope",
  "database-unreachable",
  "nothing-selected",
] satisfies BlockReason[]);
/** Blocks of the selection that no row of the checks speaks about. */
export const silentBlocks = (plan: Plan) => plan.impact.blocks.filter(({ reason }) => SILENT.has(reason));

export const blockCount = (plan: Plan): number =>
  plan.checks.filter((check) => check.level === "block").length + silentBlocks(plan).length;

/** Since when the shown verdict is known to hold: a plan that has changed shows the old one, so its age goes on (ux P2). */
export const shownAsOfMs = ({ plan, asOfMs, madeAtMs }: Pick<LivePlan, "plan" | "asOfMs" | "madeAtMs">): number =>
  plan.state === "changed" || plan.changes.length > 0 ? madeAtMs : asOfMs;
