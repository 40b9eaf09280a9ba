"use client";

import { useFormatter, useTranslations } from "next-intl";
import { useMemo } from "react";
import type { Unheard } from "@/lib/clusters/schema";
import { CLOCK, SHORT_DAY_AND_MINUTE } from "./date-formats";
import { tellMoment } from "./use-moment";

/** How an agent stands that does not say its own status. */
export type UnheardState = Pick<Unheard, "condition" | "since">;

/** The words for agents that do not say their own status: silent, hangs, refused, unreadable; the same on every screen. */
export function useAgentWords() {
  const t = useTranslations("common.agent");
  const format = useFormatter();
  return useMemo(() => {
    const word = (condition: Unheard["condition"]): string => t(condition);
    const count = (condition: Unheard["condition"], n: number): string => t(`count.${condition}`, { n });
    const time = (at: string, nowMs = Date.now()): string => tellMoment(format, at, nowMs, CLOCK, SHORT_DAY_AND_MINUTE);
    /** `since 03:12:04`; empty where nobody knows since when. */
    const since = ({ since: at }: Pick<UnheardState, "since">, nowMs?: number): string =>
      at === null ? "" : t("since", { time: time(at, nowMs) });
    /** `silent since 03:12:04`. */
    const said = ({ condition, since: at }: UnheardState, nowMs?: number): string =>
      at === null ? word(condition) : t("said", { word: word(condition), time: time(at, nowMs) });
    /** `10.0.2.1:2886 silent since 03:12:04`. */
    const named = (agent: Unheard, nowMs?: number): string =>
      t("named", { address: agent.address, said: said(agent, nowMs) });
    /** Those of these agents that do not answer by their word and since when, the others by name alone. */
    const namedAmong = (unheard: readonly Unheard[], addresses: readonly string[]): string[] => {
      const known = new Map(unheard.map((agent) => [agent.address, agent]));
      return addresses.map((address) => {
        const agent = known.get(address);
        return agent ? named(agent) : address;
      });
    };
    /** What it means, and what a person can look at. */
    const meaning = (condition: Unheard["condition"]): string => t(`meaning.${condition}`);
    return { word, count, time, since, said, named, namedAmong, meaning };
  }, [t, format]);
}
