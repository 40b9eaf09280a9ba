"use client";

import dynamic from "next/dynamic";
import { useTopology } from "./use-topology";

const AsideList = dynamic(() => import("./aside-list").then((loaded) => loaded.AsideList));

/** On every page of the cluster, for as long as somebody is left out of its verdicts. */
export function AsideBanner({ clusterId }: { clusterId: string }) {
  const { topology } = useTopology(clusterId, null);
  const members = topology?.zones.flatMap((zone) => zone.servers).filter((server) => server.setAside !== null) ?? [];
  return members.length === 0 ? null : <AsideList clusterId={clusterId} members={members} />;
}
