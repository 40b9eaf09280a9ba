"use client";

import Link from "next/link";
import { useTranslations } from "next-intl";
import { useId } from "react";
import { useAbilities } from "@/components/layout/abilities";
import { Button } from "@/components/ui/button";
import { ButtonLink } from "@/components/ui/button-link";
import type { Offer, Run } from "@/lib/tasks/schema";
import { AddressList } from "./address-list";
import { AgentCheck } from "./agent-check";
import { startedElsewhere } from "./headline";
import { ReadElsewhere } from "./read-elsewhere";
import { useAge, useIsStale } from "./use-run";
import { useWayOn } from "./use-way-on";

/** Only what the engine accepts now; what exists and cannot be done now stands there with its reason (ux V-1). */
export function WaysOn({ run, onLook }: { run: Run; onLook: () => void }) {
  const t = useTranslations("run.offer");
  const { mayStop, clusterName } = useAbilities();
  const reads = run.offers.filter(({ kind }) => kind === "read-elsewhere");
  const writes = run.offers.filter(({ kind }) => kind !== "read-elsewhere");
  return (
    <div className="space-y-3">
      {reads.map((offer) => (
        <ReadElsewhere key={offer.kind} offer={offer} onLook={onLook} />
      ))}
      {mayStop ? writes.map((offer) => <WayOn key={offer.kind} run={run} offer={offer} onLook={onLook} />) : null}
      {!mayStop && writes.length > 0 ? <p className="text-ink-2">{t("notAllowed", { cluster: clusterName })}</p> : null}
      {run.offers.length === 0 && run.endedAt !== null && run.now ? <Nothing run={run} /> : null}
      <p className="flex flex-wrap gap-x-4">
        <Link
          prefetch={false}
          href={`/clusters/${run.cluster.id}`}
          className="inline-flex min-h-6 items-center underline underline-offset-2 max-sm:min-h-11"
        >
          {t("lookAtServers")}
        </Link>
      </p>
    </div>
  );
}

/** Nothing is offered: because it is over, because its servers are not known, or because something undoes it. */
function Nothing({ run }: { run: Run }) {
  const t = useTranslations("run.offer");
  const n = startedElsewhere(run);
  if (n > 0) return <p>{t("supervised", { n })}</p>;
  return <p className="text-ink-2">{t(run.targets ? "none" : "foreign")}</p>;
}

function WayOn({ run, offer, onLook }: { run: Run; offer: Offer; onLook: () => void }) {
  const t = useTranslations("run.offer");
  const id = useId();
  const { label, note, go, href } = useWayOn(run, offer);
  // A run that nobody tells about is old by nature; what its agents hold was read now.
  const isOld = useIsStale() && run.state !== "UNKNOWN";
  const isOffline = useAge().offlineSinceMs !== null;
  const reason = offer.obstacle ? t(`obstacle.${offer.obstacle}`) : isOld || isOffline ? t("old") : null;
  if (offer.kind === "check-agents") return <AgentCheck run={run} offer={offer} reason={reason} onLook={onLook} />;
  const look = offer.rank === "primary" ? "primary" : "plain";
  return (
    <div className="space-y-0.5">
      {href !== null && reason === null ? (
        <ButtonLink href={href} look={look} aria-describedby={id}>
          {label}
        </ButtonLink>
      ) : (
        <Button look={look} blocked={reason !== null} aria-describedby={id} onClick={go}>
          {label}
        </Button>
      )}
      <p id={id} className="text-sm text-ink-2">
        {reason ?? note}
      </p>
      {offer.touches.length > 0 && offer.touches.length !== run.targets?.length ? (
        <AddressList label={t("which")} addresses={offer.touches} />
      ) : null}
    </div>
  );
}
