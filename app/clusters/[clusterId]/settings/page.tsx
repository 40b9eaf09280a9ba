import { getTranslations } from "next-intl/server";
import { Suspense } from "react";
import { AgentKeys } from "@/components/clusters/agent-keys";
import { ClusterForm } from "@/components/clusters/cluster-form";
import { RemoveCluster } from "@/components/clusters/remove-cluster";
import { Banner } from "@/components/ui/banner";
import { readAgentKeys } from "@/lib/clusters/agent-keys";
import { findCluster, shadowedClusters } from "@/lib/clusters/registry";
import { openPage } from "@/lib/gate/page";
import { acceptAgentKeys, changeSavedCluster, removeSavedCluster, testSavedCluster } from "./actions";

export default async function ClusterSettingsPage({ params }: { params: Promise<{ clusterId: string }> }) {
  const { clusterId } = await params;
  await openPage({ permission: "cluster.change", clusterId });
  const t = await getTranslations("clusters.form");
  // Picked fields: of the secrets only whether they are there.
  const { name, environment, agents, twoPerson, source, tls, credentials } = findCluster(clusterId);
  const initial = {
    ...{ id: clusterId, name, environment, agents: agents.join("\n"), twoPerson, password: "", key: "" },
    ...{ hasTls: tls !== null, ca: tls?.ca ?? "", cert: tls?.cert ?? "" },
  };
  const isHidden = shadowedClusters().includes(clusterId);
  return (
    <div id="servers" className="mx-auto w-full max-w-3xl space-y-5 px-4 py-6">
      <h1 className="text-xl">{t("title", { name })}</h1>
      {source === "file" ? (
        <Banner tone="info">
          <p>{t("fromFile")}</p>
        </Banner>
      ) : null}
      <ClusterForm
        initial={initial}
        isNew={false}
        kept={{ password: credentials !== null, tlsKey: Boolean(credentials?.tls?.key) }}
        save={source === "file" ? null : changeSavedCluster}
        test={testSavedCluster}
      />
      <Suspense fallback={null}>
        <Keys clusterId={clusterId} />
      </Suspense>
      {source === "store" || isHidden ? (
        <RemoveCluster clusterId={clusterId} name={name} isHidden={isHidden} remove={removeSavedCluster} />
      ) : null}
    </div>
  );
}

async function Keys({ clusterId }: { clusterId: string }) {
  return <AgentKeys clusterId={clusterId} keys={await readAgentKeys(clusterId)} accept={acceptAgentKeys} />;
}
