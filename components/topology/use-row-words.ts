"use client";

import { useFormatter, useTranslations } from "next-intl";
import { useMemo } from "react";
import { SHORT_DAY_AND_MINUTE } from "@/components/ui/date-formats";
import { useAgentWords } from "@/components/ui/use-agent-words";
import type { Aside } from "@/lib/clusters/schema";

/** The words of a row, looked up once for the whole list: a translator per row is most of what a row costs. */
export function useRowWords() {
  const row = useTranslations("topology.row");
  const state = useTranslations("common.state");
  const column = useTranslations("topology.columns");
  const format = useFormatter();
  const agent = useAgentWords();
  return useMemo(() => {
    const aside = ({ by, since, reason }: Aside) =>
      row("setAside", { name: by, time: format.dateTime(new Date(since), SHORT_DAY_AND_MINUTE), reason });
    return { row, state, column, format, aside, agent };
  }, [row, state, column, format, agent]);
}
export type RowWords = ReturnType<typeof useRowWords>;
