"use client";

import { useTranslations } from "next-intl";
import { Button } from "@/components/ui/button";
import { ROLES } from "@/lib/auth/permissions";
import type { Grant } from "@/lib/auth/schema";
import { useGrantWords, type Place } from "./grant-words";

const SELECT = "min-h-9 max-w-full rounded-[4px] border border-line-strong bg-panel px-2 max-sm:min-h-11";
const keyOf = ({ level, target }: Pick<Place, "level" | "target">) => `${level}:${target}`;

/** The roles of one person, each with the place where it holds. */
export function GrantEditor({
  grants,
  places,
  onChange,
}: {
  grants: readonly Grant[];
  places: readonly Place[];
  onChange: (grants: Grant[]) => void;
}) {
  const t = useTranslations("account.people");
  const words = useGrantWords();
  // A cluster that is gone still stands in a grant, and can be taken away.
  const gone = grants
    .filter((grant) => !places.some((place) => keyOf(place) === keyOf(grant)))
    .map(({ level, target }) => ({ level, target, label: target }));
  const all = [...places, ...gone];
  const put = (at: number, change: Partial<Grant>) =>
    onChange(grants.map((grant, index) => (index === at ? { ...grant, ...change } : grant)));
  return (
    <div className="space-y-2">
      {grants.length === 0 ? <p className="text-sm text-ink-2">{t("noRole")}</p> : null}
      {grants.map((grant, at) => (
        <div key={at} className="flex flex-wrap items-center gap-2">
          <select
            aria-label={t("role")}
            value={grant.role}
            onChange={(event) => put(at, { role: ROLES.find((role) => role === event.target.value) ?? "viewer" })}
            className={SELECT}
          >
            {ROLES.map((role) => (
              <option key={role} value={role}>
                {words.role(role)}
              </option>
            ))}
          </select>
          <select
            aria-label={t("where")}
            value={keyOf(grant)}
            onChange={(event) => {
              const place = all.find((one) => keyOf(one) === event.target.value);
              if (place) put(at, { level: place.level, target: place.target });
            }}
            className={SELECT}
          >
            {all.map((place) => (
              <option key={keyOf(place)} value={keyOf(place)}>
                {words.place(place)}
              </option>
            ))}
          </select>
          <Button look="quiet" onClick={() => onChange(grants.filter((_, index) => index !== at))}>
            {t("takeAway")}
          </Button>
        </div>
      ))}
      <Button
        look="quiet"
        className="px-0! underline underline-offset-4"
        onClick={() => onChange([...grants, { role: "viewer", level: "global", target: "" }])}
      >
        {t("giveRole")}
      </Button>
    </div>
  );
}
