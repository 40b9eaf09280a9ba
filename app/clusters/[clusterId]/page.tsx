import { notFound } from "next/navigation";
import { Suspense } from "react";
import { Picker } from "@/components/topology/picker";
import { PickerSkeleton } from "@/components/topology/picker-skeleton";
import { readTopology } from "@/lib/clusters/topology";
import { firstRead, openPage } from "@/lib/gate/page";

export default async function TopologyPage({ params }: { params: Promise<{ clusterId: string }> }) {
  const { clusterId } = await params;
  await openPage({ clusterId });
  return (
    <Suspense fallback={<PickerSkeleton />}>
      <FirstLook clusterId={clusterId} />
    </Suspense>
  );
}

async function FirstLook({ clusterId }: { clusterId: string }) {
  const first = await firstRead(() => readTopology(clusterId));
  if (first.ok) return <Picker clusterId={clusterId} initial={first.value} initialFailure={null} />;
  if (first.failure.kind === "cluster-unknown") notFound();
  return <Picker clusterId={clusterId} initial={null} initialFailure={first.failure} />;
}
