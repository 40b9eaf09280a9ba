"use client";

import { useTranslations } from "next-intl";
import { useRouter } from "next/navigation";
import { useId, useState } from "react";
import { Button } from "@/components/ui/button";
import { StateMark, type Mark } from "@/components/ui/state-mark";
import { useAgentWords } from "@/components/ui/use-agent-words";
import type { Offer, Run } from "@/lib/tasks/schema";
import { useClockTime } from "./use-clock-time";
import { useWayOn } from "./use-way-on";

const SHOWN = 12;

type Stand = "unheard" | "unknown" | "held" | "answers";
const WORST_FIRST: Stand[] = ["unheard", "unknown", "held", "answers"];
const STAND_MARK: Record<Stand, Mark> = { unheard: "failed", unknown: "unknown", held: "warning", answers: "done" };

/** Whether the agents that did not take part answer by now, then a new plan with the same servers (ux §11). */
export function AgentCheck({
  run,
  offer,
  reason,
  onLook,
}: {
  run: Run;
  offer: Offer;
  reason: string | null;
  onLook: () => void;
}) {
  const t = useTranslations("run.offer");
  const { label, note, go } = useWayOn(run, offer);
  const router = useRouter();
  const id = useId();
  // Which look is waited for; a newer one has come when the picture is another.
  const [asked, setAsked] = useState<string | null>(null);
  const check = () => {
    setAsked(run.now?.checkedAt ?? "");
    onLook();
  };
  const plan = () => (run.kind === "start" ? router.push(`/clusters/${run.cluster.id}/start?run=${run.id}`) : go());
  return (
    <div className="space-y-1.5">
      <span className="flex flex-wrap gap-2">
        <Button look="primary" onClick={check} aria-describedby={id}>
          {label}
        </Button>
        {run.targets ? (
          <Button blocked={reason !== null} onClick={plan} aria-describedby={id}>
            {t("check-agents.plan", { n: run.targets.length })}
          </Button>
        ) : null}
      </span>
      <p id={id} className="text-sm text-ink-2">
        {reason ?? note}
      </p>
      <Found run={run} agents={offer.touches} asked={asked} />
      <Help />
    </div>
  );
}

function Found({ run, agents, asked }: { run: Run; agents: readonly string[]; asked: string | null }) {
  const t = useTranslations("run.check");
  const clock = useClockTime();
  const words = useAgentWords();
  const { now } = run;
  if (!now) return null;
  const unheard = new Map(now.unheard.map((agent) => [agent.address, agent]));
  const held = new Set(now.held);
  const standOf = (agent: string): Stand => {
    if (unheard.has(agent)) return "unheard";
    // Whoever is not of the cluster any more was not asked.
    if (run.zoneOf[agent] === undefined) return "unknown";
    return held.has(agent) ? "held" : "answers";
  };
  const sayOf = (agent: string, stand: Stand): string => {
    const known = unheard.get(agent);
    return stand === "unheard" ? (known ? words.named(known) : agent) : t(stand, { agent });
  };
  const found = agents
    .map((agent) => ({ agent, stand: standOf(agent) }))
    .sort((left, right) => WORST_FIRST.indexOf(left.stand) - WORST_FIRST.indexOf(right.stand));
  return (
    <div role="status" className="text-sm">
      <p className="text-ink-2">{asked === now.checkedAt ? t("checking") : t("at", { time: clock(now.checkedAt) })}</p>
      <ul>
        {found.slice(0, SHOWN).map(({ agent, stand }) => (
          <li key={agent}>
            <StateMark mark={STAND_MARK[stand]}>{sayOf(agent, stand)}</StateMark>
          </li>
        ))}
      </ul>
      {found.length > SHOWN ? <p className="text-ink-2">{t("more", { n: found.length - SHOWN })}</p> : null}
    </div>
  );
}

/** What somebody half awake looks at first (ux §11, P10). */
function Help() {
  const t = useTranslations("run.check");
  return (
    <details className="text-sm">
      <summary className="inline-flex min-h-6 cursor-pointer items-center text-ink-2 underline underline-offset-2 max-sm:min-h-11">
        {t("help")}
      </summary>
      <ol className="list-decimal space-y-0.5 pl-5">
        <li>{t("help1")}</li>
        <li>{t("help2")}</li>
        <li>{t("help3")}</li>
      </ol>
    </details>
  );
}
