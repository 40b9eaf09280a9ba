import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { RunsList } from "@/components/dag/runs-list";
import { firstRead, openPage } from "@/lib/gate/page";
import { listRuns } from "@/lib/tasks/list-runs";

interface Props {
  params: Promise<{ clusterId: string }>;
}

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const t = await getTranslations("run.runs");
  return { title: t("tab", { cluster: (await params).clusterId }) };
}

export default async function RunsPage({ params }: Props) {
  const { clusterId } = await params;
  await openPage({ clusterId });
  return <RunsList clusterId={clusterId} first={await firstRead(() => listRuns(clusterId))} />;
}
