import { notFound } from "next/navigation";
import { z } from "zod";
import { OperationReview } from "@/components/lifecycle/operation-review";
import { openPage } from "@/lib/gate/page";
import { planActions } from "../../../plan-actions";

interface Props {
  params: Promise<{ clusterId: string; runId: string; operation: string }>;
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}

const operation = z.enum(["cancel", "retry", "skip", "release"]);
const text = z.string().min(1).max(64).nullable().catch(null);
/** Addresses between commas; what is no address is refused when the plan is made. */
const list = z
  .string()
  .min(3)
  .transform((addresses) => addresses.split(",").filter(Boolean))
  .nullable()
  .catch(null);

/** Something done with a run; `?plan=` once it was sent, `?agents=` for those of a release that are left. */
export default async function OperationPage({ params, searchParams }: Props) {
  const { clusterId, runId, operation: asked } = await params;
  await openPage({ clusterId });
  const action = operation.safeParse(asked);
  if (!action.success) notFound();
  const search = await searchParams;
  const planId = text.parse(search.plan);
  const agents = list.parse(search.agents);
  return (
    <OperationReview
      key={`${action.data} ${planId ?? ""} ${agents?.join() ?? ""}`}
      clusterId={clusterId}
      runId={runId}
      action={action.data}
      agents={agents}
      planId={planId}
      actions={planActions}
    />
  );
}
