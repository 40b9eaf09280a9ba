import type { ReactNode } from "react";
import { AbilitiesProvider } from "@/components/layout/abilities";
import { Shell } from "@/components/layout/shell";
import { AsideBanner } from "@/components/topology/aside-banner";
import { StandingBanners } from "@/components/lifecycle/standing-banners";
import { may } from "@/lib/auth/permissions";
import { clusterCard } from "@/lib/clusters/registry";
import { openPage, visibleClusters } from "@/lib/gate/page";
import { closeIntent } from "./actions";
import { setMemberAside, takeMemberBack } from "./member-actions";

export default async function ClusterLayout({
  children,
  params,
}: {
  children: ReactNode;
  params: Promise<{ clusterId: string }>;
}) {
  const { clusterId } = await params;
  const person = await openPage({ clusterId });
  const card = clusterCard(clusterId);
  const mayStop = may(person.grants, "cluster.stop", card);
  return (
    <AbilitiesProvider
      value={{
        mayStop,
        clusterName: card.name,
        setAside: may(person.grants, "member.set-aside", card) ? setMemberAside : null,
        takeBack: may(person.grants, "member.take-back", card) ? takeMemberBack : null,
      }}
    >
      <Shell cluster={card} clusters={visibleClusters(person)}>
        <StandingBanners
          clusterId={clusterId}
          me={person.name}
          closeIntent={may(person.grants, "intent.close", card) ? closeIntent : null}
        />
        <AsideBanner clusterId={clusterId} />
        {children}
      </Shell>
    </AbilitiesProvider>
  );
}
