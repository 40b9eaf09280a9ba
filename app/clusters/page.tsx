import Link from "next/link";
import { getTranslations } from "next-intl/server";
import { Wordmark } from "@/components/layout/wordmark";
import { Preferences } from "@/components/layout/preferences";
import { EnvironmentBadge } from "@/components/ui/environment-badge";
import { openPage, visibleClusters } from "@/lib/gate/page";

export default async function ClustersPage() {
  const person = await openPage();
  const t = await getTranslations("common");
  return (
    <>
      <header className="flex items-center gap-4 border-b bg-panel px-4 py-2">
        <Wordmark />
        <span className="flex-1" />
        <Preferences />
      </header>
      <main className="mx-auto max-w-3xl px-4 py-10">
        <h1 className="text-2xl">{t("clusters.title")}</h1>
        <p className="mt-1 text-ink-2">{t("clusters.lead")}</p>
        <ul className="mt-6 divide-y border-y">
          {visibleClusters(person).map((cluster) => (
            <li key={cluster.id}>
              <Link
                href={`/clusters/${cluster.id}`}
                className="flex min-h-12 items-center gap-3 px-2 py-3 text-lg font-medium hover:bg-sunken"
              >
                <span className="min-w-0 flex-1">{cluster.name}</span>
                <EnvironmentBadge environment={cluster.environment} />
              </Link>
            </li>
          ))}
        </ul>
      </main>
    </>
  );
}
