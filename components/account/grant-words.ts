"use client";

import { useTranslations } from "next-intl";
import type { Grant } from "@/lib/auth/schema";

/** Where a role can be given. */
export interface Place {
  level: Grant["level"];
  target: string;
  /** What a cluster is called; environments and "everywhere" have words of their own. */
  label: string;
}

/** A grant in words: "Operator in TEST". */
export function useGrantWords() {
  const t = useTranslations("account");
  const place = (at: Place) =>
    at.level === "global" ? t("place.global") : t(`place.${at.level}`, { name: at.label || at.target });
  const grant = (given: Grant, places: readonly Place[]) => {
    const known = places.find((one) => one.level === given.level && one.target === given.target);
    return t("place.grant", {
      role: t(`role.${given.role}`),
      place: place(known ?? { ...given, label: given.target }),
    });
  };
  return { place, grant, role: (role: Grant["role"]) => t(`role.${role}`) };
}
