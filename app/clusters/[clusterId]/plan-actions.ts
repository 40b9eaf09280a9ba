import type { PlanActions } from "@/components/lifecycle/plan-actions";
import { cancelPlan, checkOnly, confirmPlan, makePlan, proveAgain, requestApproval, trustAgentKey } from "./actions";

/** What every plan page hands down. */
export const planActions: PlanActions = {
  cancelPlan,
  checkOnly,
  confirmPlan,
  makePlan,
  proveAgain,
  requestApproval,
  trustAgentKey,
};
