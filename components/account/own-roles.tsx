"use client";

import { useTranslations } from "next-intl";
import type { Grant } from "@/lib/auth/schema";
import { useGrantWords, type Place } from "./grant-words";

/** What one may do oneself, or whom to ask. */
export function OwnRoles({ grants, places }: { grants: readonly Grant[]; places: readonly Place[] }) {
  const t = useTranslations("account.settings");
  const words = useGrantWords();
  if (grants.length === 0) return <p>{t("noRole")}</p>;
  return (
    <ul className="space-y-1">
      {grants.map((grant) => (
        <li key={`${grant.role}${grant.level}${grant.target}`}>{words.grant(grant, places)}</li>
      ))}
    </ul>
  );
}
