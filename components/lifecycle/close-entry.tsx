"use client";

import { useTranslations } from "next-intl";
import type { Result } from "@/lib/errors";
import type { Closing } from "@/lib/lifecycle/schema";
import { ReasonedStep } from "./reasoned-step";

/** The way on when an agent never comes back: a person ends the entry. The banner goes with the next look. */
export function CloseEntry({
  clusterId,
  planId,
  closeIntent,
}: {
  clusterId: string;
  planId: string;
  closeIntent: (closing: Closing) => Promise<Result<null>>;
}) {
  const t = useTranslations("plan.standing");
  return (
    <ReasonedStep
      matter={`close ${planId}`}
      words={{
        ...{ offer: t("close"), what: t("closeWhat"), reason: t("closeReason"), keep: t("closeKeep") },
        ...{ go: t("closeGo"), going: t("closing") },
      }}
      send={(reason) => closeIntent({ clusterId, planId, reason })}
    />
  );
}
