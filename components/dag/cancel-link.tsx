"use client";

import { useTranslations } from "next-intl";
import { useAbilities } from "@/components/layout/abilities";
import { ButtonLink } from "@/components/ui/button-link";
import type { Run } from "@/lib/tasks/schema";

/** The one thing to do with a run that goes well; it leads to a plan like everything else (ux §11). */
export function CancelLink({ run }: { run: Run }) {
  const t = useTranslations("run.head");
  const { mayStop } = useAbilities();
  const offer = run.offers.find(({ kind }) => kind === "cancel");
  if (!offer || !mayStop) return null;
  if (offer.obstacle) return <span className="text-sm text-ink-2">{t("cancelling")}</span>;
  return (
    <ButtonLink
      href={`/clusters/${run.cluster.id}/runs/${run.id}/cancel`}
      className="min-h-7! py-0.5! max-sm:min-h-11!"
    >
      {t("cancel")}
    </ButtonLink>
  );
}
