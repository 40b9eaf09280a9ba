"use client";

import { useTranslations } from "next-intl";
import { useAbilities } from "@/components/layout/abilities";
import { goneMembers } from "@/lib/clusters/gone-member";
import type { Topology } from "@/lib/clusters/schema";
import { SetAside } from "./set-aside";

/** Members that weigh on every verdict and may be gone for good; who may sets them aside here, below that verdict. */
export function GoneMembers({ topology }: { topology: Topology }) {
  const t = useTranslations("topology.aside");
  const { setAside } = useAbilities();
  const gone = goneMembers(topology);
  return (
    <div className="space-y-1 border-t py-2 text-sm">
      <p>{t("gone", { n: gone.length })}</p>
      {setAside ? (
        <ul className="max-h-96 space-y-1 overflow-y-auto">
          {gone.map((server) => (
            <li key={server.address}>
              <SetAside clusterId={topology.cluster.id} address={server.address} setAside={setAside} />
            </li>
          ))}
        </ul>
      ) : (
        <p className="text-ink-2">{t("needs", { n: gone.length })}</p>
      )}
    </div>
  );
}
