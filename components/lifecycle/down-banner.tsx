"use client";

import Link from "next/link";
import { useTranslations } from "next-intl";
import { useAbilities } from "@/components/layout/abilities";
import { Banner } from "@/components/ui/banner";
import { useMoment } from "@/components/ui/use-moment";
import { WholeList } from "@/components/ui/whole-list";
import type { DownByUs } from "@/lib/lifecycle/schema";
import { usePlanWords } from "./plan-words";

const LINK = "underline underline-offset-2 max-sm:min-w-11 max-sm:inline-flex max-sm:min-h-11 max-sm:items-center";

const SENTENCE = { down: "down", "zone-not-reported": "downZone", "not-known": "downMaybe" } as const;

/** Servers that a stop of this console took down: who, when, and the way back, until they serve again (ux §11). */
export function DownBanner({ clusterId, stop }: { clusterId: string; stop: DownByUs }) {
  const t = useTranslations("plan.standing");
  const words = usePlanWords();
  const { mayStop } = useAbilities();
  const { runId, person, since, scope, servers, zones, certainty } = stop;
  const moment = useMoment("minute");
  return (
    <Banner tone="info">
      <p className="flex flex-wrap gap-x-3 max-sm:items-center">
        {t(SENTENCE[certainty], {
          n: servers.length,
          scope,
          zones: words.shortList(zones),
          name: person,
          time: moment(since),
          count: zones.length,
        })}
        <Link href={`/clusters/${clusterId}/runs/${runId}`} prefetch={false} className={LINK}>
          {t("downRun")}
        </Link>
        {mayStop ? (
          <Link href={`/clusters/${clusterId}/start?run=${runId}`} prefetch={false} className={`${LINK} font-medium`}>
            {t("downStart")}
          </Link>
        ) : null}
      </p>
      <WholeList items={zones} />
    </Banner>
  );
}
