import { StopReview } from "@/components/lifecycle/stop-review";
import { openPage } from "@/lib/gate/page";
import { planActions } from "../plan-actions";

export default async function StopPage({ params }: { params: Promise<{ clusterId: string }> }) {
  const { clusterId } = await params;
  await openPage({ clusterId });
  return <StopReview clusterId={clusterId} actions={planActions} />;
}
