"use client";

import { useTranslations } from "next-intl";
import type { Abilities } from "@/components/layout/abilities";
import { ReasonedStep } from "@/components/lifecycle/reasoned-step";
import { useTopology } from "./use-topology";

/** In two steps and for a reason, because it lowers what every later stop is asked for. */
export function SetAside({
  clusterId,
  address,
  setAside,
}: {
  clusterId: string;
  address: string;
  setAside: NonNullable<Abilities["setAside"]>;
}) {
  const t = useTranslations("topology.aside");
  const { refetch } = useTopology(clusterId, null);
  return (
    <ReasonedStep
      matter={`aside ${clusterId} ${address}`}
      words={{
        ...{ offer: t("offer", { server: address }), what: t("what", { server: address }), keep: t("keep") },
        ...{ reason: `${t("reason")} (${t("reasonHint")})`, go: t("go", { server: address }), going: t("saving") },
      }}
      send={(reason) => setAside({ clusterId, server: address, reason })}
      onDone={refetch}
    />
  );
}
