"use client";

import { useFormatter, useTranslations } from "next-intl";
import { useState } from "react";
import { useAbilities } from "@/components/layout/abilities";
import { Banner } from "@/components/ui/banner";
import { DAY_AND_MINUTE } from "@/components/ui/date-formats";
import { FailureNote } from "@/components/ui/failure-note";
import type { Server } from "@/lib/clusters/schema";
import type { Failure } from "@/lib/errors";
import { useTopology } from "./use-topology";

/** Who is left out, on whose word, since when and why, with the way back. */
export function AsideList({ clusterId, members }: { clusterId: string; members: readonly Server[] }) {
  const t = useTranslations("topology.aside");
  const format = useFormatter();
  return (
    <div className="px-4 pt-3">
      <Banner tone="info">
        <p>{t("standing", { n: members.length })}</p>
        <ul className="max-h-40 overflow-y-auto text-sm">
          {members.map(({ address, zone, setAside }) =>
            setAside === null ? null : (
              <li key={address} className="flex flex-wrap items-baseline gap-x-3 break-words">
                {t("one", {
                  server: address,
                  zone,
                  name: setAside.by,
                  time: format.dateTime(new Date(setAside.since), DAY_AND_MINUTE),
                  reason: setAside.reason,
                })}
                <TakeBack clusterId={clusterId} server={address} />
              </li>
            ),
          )}
        </ul>
      </Banner>
    </div>
  );
}

function TakeBack({ clusterId, server }: { clusterId: string; server: string }) {
  const t = useTranslations("topology.aside");
  const { takeBack } = useAbilities();
  const { refetch } = useTopology(clusterId, null);
  const [isSaving, setSaving] = useState(false);
  const [failure, setFailure] = useState<Failure | null>(null);
  if (!takeBack) return null;
  const take = async () => {
    setSaving(true);
    const answer = await takeBack({ clusterId, server }).catch(() => null);
    setFailure(answer?.ok ? null : (answer?.failure ?? { kind: "console-unreachable" }));
    await refetch();
    setSaving(false);
  };
  return (
    <>
      <button
        type="button"
        disabled={isSaving}
        onClick={() => void take()}
        aria-label={`${t("takeBack")}: ${server}`}
        className="min-h-6 underline underline-offset-2 max-sm:min-h-11"
      >
        {t(isSaving ? "takingBack" : "takeBack")}
      </button>
      {failure ? <FailureNote failure={failure} /> : null}
    </>
  );
}
