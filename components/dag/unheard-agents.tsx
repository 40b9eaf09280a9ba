"use client";

import { useTranslations } from "next-intl";
import { useAgentWords } from "@/components/ui/use-agent-words";
import type { Unheard } from "@/lib/clusters/schema";
import { AddressList } from "./address-list";
import { useAgentNames } from "./use-agent-names";

/** Agents that do not answer, each by its word and since when: a few, and all of them behind. */
export function UnheardAgents({ unheard }: { unheard: readonly Unheard[] }) {
  const t = useTranslations("run.now");
  const words = useAgentWords();
  const names = useAgentNames();
  if (unheard.length === 0) return null;
  const named = unheard.map((agent) => words.named(agent));
  return (
    <div>
      <p>{t("unheard", { n: unheard.length, agents: names(named) })}</p>
      {unheard.length > 3 ? <AddressList label={t("which")} addresses={named} /> : null}
    </div>
  );
}
