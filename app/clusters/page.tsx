import { getTranslations } from "next-intl/server";
import { Overview } from "@/components/clusters/overview";
import { PlainHeader } from "@/components/layout/plain-header";
import { ButtonLink } from "@/components/ui/button-link";
import { may } from "@/lib/auth/permissions";
import { readOverview } from "@/lib/clusters/overview";
import { listClusters } from "@/lib/clusters/registry";
import { openPage, visibleClusters } from "@/lib/gate/page";

export default async function ClustersPage() {
  const person = await openPage();
  const t = await getTranslations("clusters.overview");
  const cards = visibleClusters(person);
  const isForOthers = listClusters().length > 0;
  const mayAdd = may(person.grants, "cluster.add");
  const allowed = (permission: "cluster.change" | "cluster.stop") =>
    cards.filter((card) => may(person.grants, permission, card)).map(({ id }) => id);
  return (
    <>
      <PlainHeader />
      <main className="mx-auto max-w-6xl space-y-4 px-4 py-6">
        <div className="flex flex-wrap items-end justify-between gap-x-4 gap-y-2">
          <div>
            <h1 className="text-xl">{t("title")}</h1>
            <p className="text-ink-2">{t("lead")}</p>
          </div>
          {mayAdd ? <ButtonLink href="/clusters/new">{t("add")}</ButtonLink> : null}
        </div>
        {cards.length === 0 ? (
          <div className="space-y-1 border-y py-6">
            <p className="font-semibold">{t(isForOthers ? "noneAllowed" : "none")}</p>
            <p className="text-ink-2">{t(isForOthers ? "noneAllowedNext" : "noneNext")}</p>
            {mayAdd || isForOthers ? null : <p className="text-ink-2">{t("noneWait")}</p>}
          </div>
        ) : (
          <Overview
            first={await readOverview(cards)}
            changeable={allowed("cluster.change")}
            startable={allowed("cluster.stop")}
          />
        )}
      </main>
    </>
  );
}
