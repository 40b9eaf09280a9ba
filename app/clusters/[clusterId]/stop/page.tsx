import { PlanReview } from "@/components/lifecycle/plan-review";
import { openPage } from "@/lib/gate/page";
import { cancelPlan, checkOnly, confirmPlan, makePlan, proveAgain, requestApproval, trustAgentKey } from "../actions";

export default async function StopPage({ params }: { params: Promise<{ clusterId: string }> }) {
  const { clusterId } = await params;
  await openPage({ clusterId });
  const actions = { cancelPlan, checkOnly, confirmPlan, makePlan, proveAgain, requestApproval, trustAgentKey };
  return <PlanReview clusterId={clusterId} actions={actions} />;
}
