"use client";

import Link from "next/link";
import { usePathname } from "next/navigation";
import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { AccountMenu } from "@/components/account/account-menu";
import { EnvironmentBadge } from "@/components/ui/environment-badge";
import type { ClusterCard } from "@/lib/clusters/schema";
import { Clock } from "./clock";
import { ClusterBanners } from "./cluster-banners";
import { ClusterFreshness } from "./cluster-freshness";
import { ClusterSwitcher } from "./cluster-switcher";
import { Preferences } from "./preferences";
import { Wordmark } from "./wordmark";
import { ZoneSelect } from "./zone-select";

/** The frame of every page of a cluster: where you are, how fresh it is, what is going on (ux §3). */
export function Shell({
  cluster,
  clusters,
  children,
}: {
  cluster: ClusterCard;
  clusters: ClusterCard[];
  children: ReactNode;
}) {
  const t = useTranslations("common");
  const path = usePathname();
  const base = `/clusters/${cluster.id}`;
  const sections = [
    { href: base, label: t("nav.topology"), active: [base, `${base}/stop`, `${base}/start`].includes(path) },
    { href: `${base}/runs`, label: t("nav.runs"), active: path.startsWith(`${base}/runs`) },
    { href: `${base}/audit`, label: t("nav.audit"), active: path.startsWith(`${base}/audit`) },
  ];
  const band = {
    PROD: "bg-ink",
    UNLABELLED: "bg-ink",
    STAGING: "bg-line-strong",
    TEST: "bg-line-strong",
    DEMO: "hatch bg-line",
  }[cluster.environment];
  return (
    <div className="flex min-h-dvh flex-col">
      <a href="#servers" className="sr-only focus:not-sr-only focus:absolute focus:z-50 focus:bg-panel focus:p-3">
        {t("skip")}
      </a>
      <div className={`h-1 ${band}`} aria-hidden="true" />
      <header className="border-b bg-panel">
        <div className="flex flex-wrap items-center gap-x-4 gap-y-1 px-4 py-1.5 max-sm:gap-x-2">
          <Wordmark />
          <span className="flex min-w-0 items-center gap-2">
            <EnvironmentBadge environment={cluster.environment} />
            <ClusterSwitcher cluster={cluster} clusters={clusters} />
          </span>
          <nav aria-label={t("nav.label")} className="flex gap-1 max-sm:order-2 max-sm:basis-40 max-sm:grow">
            {sections.map((section) => (
              <Link
                key={section.href}
                href={section.href}
                prefetch={false}
                aria-current={section.active ? "page" : undefined}
                className={`inline-flex min-h-9 items-center border-b-2 px-2 max-sm:min-h-11 max-sm:min-w-11 max-sm:flex-auto max-sm:px-1 max-sm:justify-center max-sm:whitespace-nowrap max-[23rem]:text-sm ${section.active ? "border-ink font-semibold" : "border-transparent text-ink-2 hover:text-ink"}`}
              >
                {section.label}
              </Link>
            ))}
          </nav>
          <span className="flex-1 max-sm:order-1 max-sm:h-0 max-sm:basis-full" />
          <ClusterFreshness clusterId={cluster.id} />
          <span className="flex items-center gap-x-1">
            <span className="max-md:hidden">
              <Clock />
            </span>
            <ZoneSelect where="wide" />
          </span>
          <span className="flex items-center gap-x-4 max-sm:order-3 max-sm:gap-x-0">
            <Preferences />
            <AccountMenu />
          </span>
        </div>
      </header>
      <ClusterBanners clusterId={cluster.id} />
      <main className="flex min-h-0 flex-1 flex-col">{children}</main>
    </div>
  );
}
