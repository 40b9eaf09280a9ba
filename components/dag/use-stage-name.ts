"use client";

import { useTranslations } from "next-intl";
import { useCallback } from "react";
import type { RunStage } from "@/lib/tasks/schema";
import { useRunStore } from "./use-run";

/** Our word for a stage; a stage this console does not know keeps the engine's own name (ux I-3). */
export function useStageName(): (stage: Pick<RunStage, "key" | "name"> | undefined) => string {
  const t = useTranslations("run");
  const starts = useRunStore().run()?.kind === "start"; // never changes during a run
  return useCallback(
    (stage) => {
      if (!stage) return "—";
      const { key } = stage;
      if (key === "other") return stage.name;
      return starts && (key === "wait" || key === "advance") ? t(`startStage.${key}`) : t(`stage.${key}`);
    },
    [t, starts],
  );
}
