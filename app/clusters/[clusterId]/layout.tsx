import { notFound } from "next/navigation";
import type { ReactNode } from "react";
import { Shell } from "@/components/layout/shell";
import { clusterCard, listClusters } from "@/lib/clusters/registry";
import { isAppError } from "@/lib/errors";
import { openPage } from "@/lib/gate/page";

function findCard(clusterId: string) {
  try {
    return clusterCard(clusterId);
  } catch (error) {
    if (isAppError(error)) notFound();
    throw error;
  }
}

export default async function ClusterLayout({
  children,
  params,
}: {
  children: ReactNode;
  params: Promise<{ clusterId: string }>;
}) {
  await openPage();
  const { clusterId } = await params;
  return (
    <Shell cluster={findCard(clusterId)} clusters={listClusters()}>
      {children}
    </Shell>
  );
}
