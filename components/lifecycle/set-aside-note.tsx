"use client";

import { useFormatter, useTranslations } from "next-intl";
import { DAY_AND_MINUTE } from "@/components/ui/date-formats";
import type { Majority } from "@/lib/lifecycle/schema";

/** Whom the verdict leaves out, on whose word, since when and why: wherever the verdict stands. */
export function SetAsideNote({ majority: { setAside } }: { majority: Pick<Majority, "setAside"> }) {
  const t = useTranslations("plan.setAside");
  const format = useFormatter();
  if (setAside.length === 0) return null;
  return (
    <div
      className="max-h-28 overflow-y-auto text-sm"
      tabIndex={0}
      role="group"
      aria-label={t("title", { n: setAside.length })}
    >
      <span className="font-medium">{t("title", { n: setAside.length })}</span>
      {setAside.map(({ server, by, since, reason }) => (
        <span key={server} className="block break-words">
          {t("one", { server, name: by, time: format.dateTime(new Date(since), DAY_AND_MINUTE), reason })}
        </span>
      ))}
    </div>
  );
}
