"use client";

import { useTranslations } from "next-intl";
import { useEffect } from "react";
import { useAnnounce } from "@/components/ui/announcer";
import { Glyph } from "@/components/ui/state-mark";
import { useAgentWords } from "@/components/ui/use-agent-words";
import type { Overdue, Topology, Unheard } from "@/lib/clusters/schema";
import { unheardOf } from "@/lib/clusters/unheard";

/** Named at once; on a phone the first alone. */
const NAMED = 3;

/**
 * Who does not answer, by name, and what is not known because of it: two lines, with the whole of it behind them. Everything
 * else on the page is of now, so this is no failure of the page.
 */
export function UnheardBanner({ topology }: { topology: Topology }) {
  const t = useTranslations("common.agent");
  const { overdue } = topology;
  const unheard = unheardOf(topology);
  const announce = useAnnounce();
  const title = unheard.length === 0 ? "" : t("unheard", { n: unheard.length });
  const names = unheard.slice(0, NAMED).map(({ address }) => address);
  const news = title === "" ? "" : `${title}: ${names.join(", ")}`;
  useEffect(() => {
    if (news !== "") announce(news);
  }, [news, announce]);
  if (unheard.length === 0 && !overdue) return null;
  return (
    <details className="group rounded-[5px] border-l-4 border-amber bg-amber-panel" data-unheard={unheard.length}>
      <summary className="flex list-none items-start gap-2 px-3 py-1.5 max-sm:min-h-11 max-sm:text-sm [&::-webkit-details-marker]:hidden">
        <Glyph mark="warning" className="mt-px" />
        <span className="min-w-0 flex-1">
          {unheard.length > 0 ? (
            <span className="block gap-x-3 sm:flex sm:flex-wrap">
              <strong className="font-semibold max-sm:sr-only">{title}</strong>{" "}
              {unheard.slice(0, NAMED).map((agent, at) => (
                <span key={agent.address} className={at === 0 ? "" : "max-sm:hidden"}>
                  <Named agent={agent} />{" "}
                </span>
              ))}
              {unheard.length > NAMED ? (
                <span className="max-sm:hidden">{t("more", { n: unheard.length - NAMED })}</span>
              ) : null}
              {unheard.length > 1 ? (
                <span className="sm:hidden">
                  <span aria-hidden="true">+{unheard.length - 1}</span>
                  <span className="sr-only">{t("more", { n: unheard.length - 1 })}</span>
                </span>
              ) : null}
            </span>
          ) : null}
          {overdue ? <LastTold overdue={overdue} /> : null}
        </span>
        <span aria-hidden="true" className="text-ink-2 transition-transform group-open:rotate-180">
          ▾
        </span>
      </summary>
      <div className="space-y-2 px-3 pb-2.5 pl-9 text-sm">
        <Conditions unheard={unheard} />
        {overdue ? <OverdueWhy overdue={overdue} /> : null}
      </div>
    </details>
  );
}

function Named({ agent }: { agent: Unheard }) {
  const words = useAgentWords();
  return (
    <>
      <span translate="no" className="font-mono">
        {agent.address}
      </span>{" "}
      {words.said(agent)}
    </>
  );
}

/** All of them, under what their condition means. */
function Conditions({ unheard }: { unheard: readonly Unheard[] }) {
  const words = useAgentWords();
  const conditions = [...new Set(unheard.map(({ condition }) => condition))];
  return conditions.map((condition) => {
    const agents = unheard.filter((agent) => agent.condition === condition);
    return (
      <div key={condition}>
        <p>
          <strong className="font-semibold">{words.count(condition, agents.length)}</strong>
          {" · "}
          {words.meaning(condition)}
        </p>
        <ul className="max-h-48 overflow-y-auto" tabIndex={agents.length > NAMED ? 0 : undefined}>
          {agents.map((agent) => (
            <li key={agent.address} className="flex flex-wrap gap-x-3">
              <span translate="no" className="font-mono">
                {agent.address}
              </span>
              <span translate="no">{agent.zone}</span>
              <span className="text-ink-2">{words.since(agent)}</span>
            </li>
          ))}
        </ul>
      </div>
    );
  });
}

/** What only the cluster-wide answer tells, and of when that is. */
function LastTold({ overdue }: { overdue: Overdue }) {
  const t = useTranslations("common.banner");
  const words = useAgentWords();
  const { readAt, why } = overdue;
  return (
    <span className="block">
      {readAt === null ? t("neverTold") : t("lastTold", { time: words.time(readAt) })}
      <span className="max-sm:hidden">{t(readAt === null ? "neverToldWhy" : "lastToldWhy", { why })}</span>
    </span>
  );
}

function OverdueWhy({ overdue }: { overdue: Overdue }) {
  const t = useTranslations("common.banner");
  const words = useAgentWords();
  const { asked, since, why } = overdue;
  return <p className="max-w-[100ch]">{t("overdue", { asked, why, time: words.time(since) })}</p>;
}
