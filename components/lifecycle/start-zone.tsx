"use client";

import { useFormatter, useTranslations } from "next-intl";
import { useEffect, useRef } from "react";
import { STATE_MARK } from "@/components/topology/state-look";
import { DAY_AND_MINUTE } from "@/components/ui/date-formats";
import { StateMark } from "@/components/ui/state-mark";
import { useAgentWords } from "@/components/ui/use-agent-words";
import { hasAgent } from "@/lib/clusters/has-agent";
import type { Server } from "@/lib/clusters/schema";
import { unheardAt } from "@/lib/clusters/unheard";
import type { DownByUs } from "@/lib/lifecycle/schema";
import { startsWithZone } from "@/lib/lifecycle/start-impact";
import type { StartGroup } from "./start-groups";
import { useDown } from "./use-standing";

const BOX = "size-4 shrink-0 accent-(--ink)";

/** The servers of a zone that are down: as one where it was stopped as one, otherwise one by one. */
export function StartZone({
  clusterId,
  group,
  record,
  whyHidden,
  toldAt,
  isFixed,
  picked,
  onToggle,
}: {
  clusterId: string;
  group: StartGroup;
  /** It was stopped from here, and nobody tells whether it still is. */
  record: DownByUs | null;
  /** Why nobody reports whether a zone is stopped. */
  whyHidden: "database" | "overdue" | "version";
  /** Of when that is which was told last, where no newer word comes. */
  toldAt: string | null;
  /** It starts together with everything else. */
  isFixed: boolean;
  picked: ReadonlySet<string>;
  onToggle: (addresses: string[]) => void;
}) {
  const t = useTranslations("plan.start");
  const agents = useAgentWords();
  const { zone, servers, asZone, isHidden, lastInnerStatus, serving, outOfReach } = group;
  const format = useFormatter();
  const down = useDown(clusterId);
  const addresses = servers.map((server) => server.address);
  const count = addresses.filter((address) => picked.has(address)).length;
  const box = useRef<HTMLInputElement>(null);
  const isPartly = count > 0 && count < addresses.length;
  useEffect(() => {
    if (box.current) box.current.indeterminate = isPartly;
  }, [isPartly]);
  const lastTold =
    toldAt === null || lastInnerStatus === ""
      ? ""
      : t("zoneLastTold", { status: lastInnerStatus, time: agents.time(toldAt) });
  const hint = record
    ? t("zoneRecord", { name: record.person, time: format.dateTime(new Date(record.since), DAY_AND_MINUTE) })
    : isHidden
      ? [t("zoneHidden", { why: whyHidden }), lastTold].filter(Boolean).join(" ")
      : t("zoneHint");
  const name =
    asZone || isHidden ? t("zoneWhole", { zone, n: addresses.length }) : t("zonePick", { zone, n: addresses.length });
  return (
    <section aria-label={zone} className="border-b py-2">
      <div className="flex flex-wrap items-baseline gap-x-3">
        {isFixed || servers.length === 0 ? (
          <h2 className="font-semibold">{zone}</h2>
        ) : (
          <label className="flex min-h-6 items-center gap-2.5 font-semibold max-sm:min-h-11">
            <input
              ref={box}
              type="checkbox"
              checked={count === addresses.length}
              onChange={() => onToggle(addresses)}
              className={BOX}
            />
            {name}
          </label>
        )}
        {serving > 0 ? <span className="text-sm text-ink-2">{t("serving", { n: serving })}</span> : null}
      </div>
      {(asZone || isHidden) && !isFixed && servers.length > 0 ? (
        <p className="max-w-prose text-sm text-ink-2">{hint}</p>
      ) : null}
      <ul className="mt-1 max-h-96 overflow-y-auto">
        {servers.map((server) => (
          <ServerItem
            key={server.address}
            server={server}
            byUs={
              record
                ? undefined
                : down.find((stop) => stop.certainty !== "not-known" && stop.servers.includes(server.address))
            }
            isOn={picked.has(server.address)}
            onToggle={asZone || isFixed || startsWithZone(server) ? null : () => onToggle([server.address])}
          />
        ))}
        {outOfReach.map((server) => (
          <ServerItem key={server.address} server={server} byUs={undefined} isOn={false} onToggle={null} />
        ))}
      </ul>
    </section>
  );
}

function ServerItem({
  server,
  byUs,
  isOn,
  onToggle,
}: {
  server: Server;
  byUs: DownByUs | undefined;
  isOn: boolean;
  /** null: chosen together with its zone or the cluster. */
  onToggle: (() => void) | null;
}) {
  const t = useTranslations("plan.start");
  const state = useTranslations("common.state");
  const row = useTranslations("topology.row");
  const targets = useTranslations("plan.targets");
  const agents = useAgentWords();
  const unheard = unheardAt(server);
  const format = useFormatter();
  const at = (since: string) => format.dateTime(new Date(since), DAY_AND_MINUTE);
  const facts = (
    <span className="flex min-w-0 flex-wrap items-center gap-x-3">
      <span translate="no" className="font-mono">
        {server.address}
      </span>
      <StateMark mark={STATE_MARK[server.state]} className="text-sm">
        {state(server.state)}
      </StateMark>
      {hasAgent(server) ? null : <span className="text-sm text-ink-2">{t("noAgent")}</span>}
      {unheard ? (
        <span className="text-sm font-medium" title={agents.meaning(unheard.condition)} suppressHydrationWarning>
          {targets("agent", { said: agents.said(unheard) })}
        </span>
      ) : null}
      {server.setAside ? (
        <span className="text-sm text-ink-2">
          {row("setAside", {
            name: server.setAside.by,
            time: at(server.setAside.since),
            reason: server.setAside.reason,
          })}
        </span>
      ) : null}
      {byUs ? (
        <span className="text-sm text-ink-2">{t("byUs", { name: byUs.person, time: at(byUs.since) })}</span>
      ) : null}
    </span>
  );
  const look = "flex min-h-7 items-center gap-x-3 max-sm:min-h-11";
  if (!onToggle) return <li className={`${look} pl-7`}>{facts}</li>;
  return (
    <li>
      <label className={`${look} cursor-pointer hover:bg-panel`}>
        <input type="checkbox" checked={isOn} onChange={onToggle} className={`${BOX} ml-7`} />
        {facts}
      </label>
    </li>
  );
}
