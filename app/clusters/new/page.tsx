import { getTranslations } from "next-intl/server";
import { ClusterForm } from "@/components/clusters/cluster-form";
import { PlainHeader } from "@/components/layout/plain-header";
import { openPage } from "@/lib/gate/page";
import { addNewCluster, testNewCluster } from "./actions";

const EMPTY = {
  id: "",
  name: "",
  environment: "UNLABELLED" as const,
  agents: "",
  password: "",
  hasTls: false,
  ca: "",
  cert: "",
  key: "",
  twoPerson: false,
};

export default async function NewClusterPage() {
  await openPage({ permission: "cluster.add" });
  const t = await getTranslations("clusters.form");
  return (
    <>
      <PlainHeader />
      <main className="mx-auto max-w-3xl space-y-5 px-4 py-6">
        <div>
          <h1 className="text-xl">{t("newTitle")}</h1>
          <p className="text-ink-2">{t("newLead")}</p>
        </div>
        <ClusterForm
          initial={EMPTY}
          isNew
          kept={{ password: false, tlsKey: false }}
          save={addNewCluster}
          test={testNewCluster}
        />
      </main>
    </>
  );
}
