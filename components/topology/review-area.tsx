"use client";

import { useTranslations } from "next-intl";
import { useRouter } from "next/navigation";
import { useId } from "react";
import { Button } from "@/components/ui/button";
import type { Impact, Method } from "@/lib/lifecycle/schema";
import { useReview } from "./use-review";

export interface ReviewProps {
  clusterId: string;
  impact: Impact;
  method: Method;
  changed: number;
  asOfMs: number | null;
  offlineSinceMs: number | null;
  onRefresh: () => Promise<unknown>;
}

/** The way on to the plan, or the reason why not right next to it (ux K-17). Nothing is sent from here. */
export function ReviewArea(props: ReviewProps & { compact?: boolean }) {
  const { impact, method, compact = false } = props;
  const t = useTranslations("topology.review");
  const filter = useTranslations("topology.filter");
  const router = useRouter();
  const id = useId();
  const { reasons, needsRefresh } = useReview(impact, props.changed, props.asOfMs, props.offlineSinceMs);
  const force = method === "force";
  const n = impact.stopping;
  const label = n === 0 ? t(force ? "ctaForceNone" : "ctaNone") : force ? t("ctaForce", { n }) : t("cta", { n });
  return (
    <>
      {reasons.length > 0 ? (
        <div id={id} className={`text-sm ${compact ? "order-first w-full" : "mb-2"} ${n > 0 ? "" : "text-ink-2"}`}>
          {reasons.map((reason) => (
            <p key={reason}>{reason}</p>
          ))}
          {needsRefresh ? (
            <button
              type="button"
              onClick={() => void props.onRefresh()}
              className="min-h-6 font-medium underline underline-offset-2 max-sm:min-h-11"
            >
              {filter("refresh")}
            </button>
          ) : null}
        </div>
      ) : null}
      <Button
        look={force ? "danger" : "primary"}
        blocked={reasons.length > 0}
        aria-describedby={reasons.length > 0 ? id : undefined}
        onClick={() => router.push(`/clusters/${props.clusterId}/stop`)}
        className={compact ? "max-sm:w-full" : "w-full"}
      >
        {label}
      </Button>
    </>
  );
}
