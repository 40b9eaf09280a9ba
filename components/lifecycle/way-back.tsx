"use client";

import Link from "next/link";
import { useTranslations } from "next-intl";
import type { Plan } from "@/lib/lifecycle/schema";

/** From a plan to what it was made from: the picker, the choice of a start, the run. */
export function WayBack({ plan }: { plan: Plan }) {
  const t = useTranslations("plan.act");
  const base = `/clusters/${plan.cluster.id}`;
  const [href, text] =
    plan.action === "stop"
      ? [base, t("back")]
      : plan.action === "start"
        ? [`${base}/start`, t("backStart")]
        : [`${base}/runs/${plan.run?.id ?? ""}`, t("backRun")];
  return (
    <Link
      href={href}
      prefetch={false}
      className="inline-flex min-h-9 items-center underline underline-offset-2 hover:text-ink max-sm:min-h-11"
    >
      {text}
    </Link>
  );
}
