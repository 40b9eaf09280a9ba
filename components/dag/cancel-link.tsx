"use client";

import Link from "next/link";
import { useTranslations } from "next-intl";
import { useAbilities } from "@/components/layout/abilities";
import type { Run } from "@/lib/tasks/schema";

/** The one thing to do with a run that goes well; it leads to a plan like everything else (ux §11). */
export function CancelLink({ run }: { run: Run }) {
  const t = useTranslations("run.head");
  const { mayStop } = useAbilities();
  const offer = run.offers.find(({ kind }) => kind === "cancel");
  if (!offer || !mayStop) return null;
  if (offer.obstacle) return <span className="text-sm text-ink-2">{t("cancelling")}</span>;
  return (
    <Link
      prefetch={false}
      href={`/clusters/${run.cluster.id}/runs/${run.id}/cancel`}
      className="inline-flex min-h-7 items-center rounded-[5px] border border-line-strong px-3.5 py-0.5 font-medium hover:bg-sunken max-sm:min-h-11"
    >
      {t("cancel")}
    </Link>
  );
}
