import type { Metadata } from "next";
import { headers } from "next/headers";
import { getTranslations } from "next-intl/server";
import { RunPage } from "@/components/dag/run-page";
import { AppError } from "@/lib/errors";
import { runInput } from "@/lib/gate/inputs";
import { firstRead, openPage } from "@/lib/gate/page";
import { readRun } from "@/lib/tasks/read-run";

interface Props {
  params: Promise<{ clusterId: string; runId: string }>;
}

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const t = await getTranslations("run");
  return { title: t("tabFirst", { cluster: (await params).clusterId }) };
}

/** A hint for the first paint alone; the browser decides by its real width. */
const isPhone = (agent: string | null): boolean => /\bMobile\b/.test(agent ?? "");

export default async function Page({ params }: Props) {
  const { clusterId, runId } = await params;
  await openPage({ clusterId });
  const first = await firstRead(async () => {
    const sent = runInput.safeParse({ cluster: clusterId, run: runId });
    if (!sent.success) throw new AppError("task-id-invalid");
    return readRun(sent.data.cluster, sent.data.run);
  });
  const phone = isPhone((await headers()).get("user-agent"));
  return <RunPage clusterId={clusterId} runId={runId} first={first} phone={phone} />;
}
