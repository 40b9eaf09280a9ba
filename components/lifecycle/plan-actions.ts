import type { Result } from "@/lib/errors";
import type {
  Approval,
  ApprovalRequest,
  Confirmation,
  GivingUp,
  Plan,
  PlanRequest,
  Proof,
  Send,
} from "@/lib/lifecycle/schema";

interface PlanRef {
  clusterId: string;
  planId: string;
}

/** The server actions of the plan page, handed down by it. */
export interface PlanActions {
  makePlan: (request: PlanRequest) => Promise<Result<Plan>>;
  confirmPlan: (confirmation: Confirmation) => Promise<Result<Send>>;
  /** The dialog was given up after something was typed (ux A-2). */
  cancelPlan: (givingUp: GivingUp) => Promise<Result<null>>;
  /** Takes the present key of the coordinator as the right one; the plan must be reviewed again afterwards. */
  trustAgentKey: (plan: PlanRef) => Promise<Result<Plan>>;
  /** The dry run (ux G-5). */
  checkOnly: (plan: PlanRef) => Promise<Result<Plan>>;
  /** Asks for a second person's word (ux C-13). */
  requestApproval: (request: ApprovalRequest) => Promise<Result<Approval>>;
  /** Shows once more who is signed in, before a critical action. */
  proveAgain: (proof: Proof) => Promise<Result<null>>;
}
