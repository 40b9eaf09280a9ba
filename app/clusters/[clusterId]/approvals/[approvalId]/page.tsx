import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { ApprovalPage } from "@/components/lifecycle/approval-page";
import { may } from "@/lib/auth/permissions";
import { clusterCard } from "@/lib/clusters/registry";
import { firstRead, openPage } from "@/lib/gate/page";
import { readApproval } from "@/lib/lifecycle/ask-approval";
import { decideApproval } from "../../actions";
import { planActions } from "../../plan-actions";

interface Props {
  params: Promise<{ clusterId: string; approvalId: string }>;
}

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const t = await getTranslations("plan.approval");
  return { title: t("tab", { cluster: (await params).clusterId }) };
}

export default async function Page({ params }: Props) {
  const { clusterId, approvalId } = await params;
  const person = await openPage({ clusterId });
  return (
    <ApprovalPage
      clusterId={clusterId}
      approvalId={approvalId}
      first={await firstRead(() => readApproval(clusterId, approvalId))}
      me={person.name}
      mayApprove={may(person.grants, "plan.approve", clusterCard(clusterId))}
      actions={planActions}
      decideApproval={decideApproval}
    />
  );
}
