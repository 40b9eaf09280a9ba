"use client";

import { useTranslations } from "next-intl";
import { HostCommands } from "@/components/lifecycle/host-commands";
import { useTopology } from "@/components/topology/use-topology";
import { Banner } from "@/components/ui/banner";
import { useAgentWords } from "@/components/ui/use-agent-words";
import { endFrozen, unheardOf } from "@/lib/clusters/unheard";
import { WholeList } from "@/components/ui/whole-list";
import type { Run } from "@/lib/tasks/schema";
import { currentStage } from "./headline";
import { NAMED, useAgentNames } from "./use-agent-names";
import { useStageName } from "./use-stage-name";

/**
 * A run needs every agent at each step: whom it can be waiting for, how long the engine does, and what ends the waiting.
 * It tries one that is silent at the first step for about 9 minutes, and waits for one that hangs as long as that lasts, at
 * most 15 (protocol §7.3, §7.4).
 */
export function WaitsFor({ run }: { run: Run }) {
  const t = useTranslations("run.waits");
  const words = useAgentWords();
  const names = useAgentNames();
  const stageName = useStageName();
  const { topology } = useTopology(run.cluster.id, null);
  if (!topology || (run.state !== "RUNNING" && run.state !== "ACCEPTED")) return null;
  const unheard = unheardOf(topology);
  const stage = currentStage(run);
  const isFirst = stage === undefined || stage.key === "prepare";
  const hung = unheard.filter(({ condition }) => condition === "hangs");
  const silent = isFirst ? unheard.filter(({ condition }) => condition === "silent") : [];
  if (hung.length + silent.length === 0) return null;
  const named = (found: typeof unheard) => found.map((agent) => words.named(agent));
  const agents = (found: typeof unheard) => names(named(found));
  const at = stage ? t("step", { stage: run.stage, name: stageName(stage) }) : t("start");
  return (
    <div className="px-4 pt-3 max-sm:text-sm">
      <Banner tone="decide" live>
        {silent.length > 0 ? (
          <div>
            <p>
              {t("needs", { at, agents: agents(silent) })} {t("silent")}
            </p>
            <WholeList items={named(silent)} named={NAMED} />
          </div>
        ) : null}
        {hung.length > 0 ? (
          <>
            <p>
              {t("needs", { at, agents: agents(hung) })} {t("hangs")}
            </p>
            <WholeList items={named(hung)} named={NAMED} />
            <p className="text-sm">{t("command")}</p>
            <HostCommands commands={endFrozen(topology.zones.flatMap((zone) => zone.servers))} />
          </>
        ) : null}
      </Banner>
    </div>
  );
}
