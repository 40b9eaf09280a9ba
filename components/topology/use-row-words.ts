"use client";

import { useFormatter, useTranslations } from "next-intl";
import { useMemo } from "react";

/** The words of a row, looked up once for the whole list: a translator per row is most of what a row costs. */
export function useRowWords() {
  const row = useTranslations("topology.row");
  const state = useTranslations("common.state");
  const column = useTranslations("topology.columns");
  const format = useFormatter();
  return useMemo(() => ({ row, state, column, format }), [row, state, column, format]);
}
export type RowWords = ReturnType<typeof useRowWords>;
