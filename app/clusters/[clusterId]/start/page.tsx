import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { getTranslations } from "next-intl/server";
import { Suspense } from "react";
import { z } from "zod";
import { StartPage } from "@/components/lifecycle/start-page";
import { PickerSkeleton } from "@/components/topology/picker-skeleton";
import { attemptOfRun } from "@/lib/audit/journal";
import { readTopology } from "@/lib/clusters/topology";
import { firstRead, openPage } from "@/lib/gate/page";
import { planActions } from "../plan-actions";

interface Props {
  params: Promise<{ clusterId: string }>;
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}

const search = z.object({
  /** Addresses between commas. */
  servers: z.string().max(100_000).optional().catch(undefined),
  zone: z.string().max(128).optional().catch(undefined),
  /** Whatever this run was sent for. */
  run: z
    .string()
    .regex(/^[0-9]{1,80}$/)
    .optional()
    .catch(undefined),
});
type Search = z.infer<typeof search>;

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const t = await getTranslations("plan.start");
  return { title: t("title", { cluster: (await params).clusterId }) };
}

/** What is down, to choose what comes back; the address may name what was chosen already. */
export default async function Page({ params, searchParams }: Props) {
  const { clusterId } = await params;
  await openPage({ clusterId });
  return (
    <Suspense fallback={<PickerSkeleton />}>
      <FirstLook clusterId={clusterId} asked={search.parse(await searchParams)} />
    </Suspense>
  );
}

async function FirstLook({ clusterId, asked }: { clusterId: string; asked: Search }) {
  const { run } = asked;
  const [first, stopped] = await Promise.all([
    firstRead(() => readTopology(clusterId)),
    firstRead(async () => (run === undefined ? null : await attemptOfRun(clusterId, run))),
  ]);
  if (!first.ok && first.failure.kind === "cluster-unknown") notFound();
  const ofRun = (stopped.ok && stopped.value?.opened.detail.targets) || [];
  const servers = [...(asked.servers?.split(",").filter(Boolean) ?? []), ...ofRun];
  return (
    <StartPage
      key={`${run ?? ""} ${asked.servers ?? ""} ${asked.zone ?? ""}`}
      clusterId={clusterId}
      initial={first.ok ? first.value : null}
      initialFailure={first.ok ? null : first.failure}
      asked={{ servers, zone: asked.zone ?? null }}
      runId={run ?? null}
      actions={planActions}
    />
  );
}
