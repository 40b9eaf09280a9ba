"use client";

import Link from "next/link";
import { useTranslations } from "next-intl";
import { useMoment } from "@/components/ui/use-moment";
import { useAgentWords } from "@/components/ui/use-agent-words";
import { WholeList } from "@/components/ui/whole-list";
import type { Run, RunCause } from "@/lib/tasks/schema";
import { AddressList } from "./address-list";
import { findingsOf, type Finding } from "./diagnosis";
import { currentStage, isOver, isPast } from "./headline";
import { NAMED, useAgentNames } from "./use-agent-names";
import { useClockTime } from "./use-clock-time";
import { useStageName } from "./use-stage-name";

/** A sentence for everything that went wrong, with what to do about it; the engine's own words below (ux D-17). */
export function Happened({ run, onOpen }: { run: Run; onOpen: (taskId: string) => void }) {
  const t = useTranslations("run.situation");
  const findings = findingsOf(run.problems);
  return (
    <div className="space-y-3">
      <Whole run={run} />
      {findings.map((finding, at) => (
        <Sentence key={`${finding.cause} ${finding.taskId ?? at}`} run={run} finding={finding} onOpen={onOpen} />
      ))}
      {isOver(run) || run.state === "UNKNOWN" || findings.length === 0 ? null : (
        <p className="text-ink-2">{t("goesOn", run.counts)}</p>
      )}
    </div>
  );
}

/** What is true of the run as a whole. */
function Whole({ run }: { run: Run }) {
  const t = useTranslations("run.situation");
  const stageName = useStageName();
  const names = useAgentNames();
  const clock = useClockTime();
  const stage = { stage: run.stage, name: stageName(currentStage(run)), kind: run.kind };
  const stuck = run.offers.find((offer) => offer.kind === "escalate")?.touches ?? [];
  if (run.state === "UNKNOWN") {
    if (run.stages.length > 0) return <p>{t("lastKnown", { time: clock(run.consoleNowMs) })}</p>;
    const hasCause = (wanted: RunCause) => run.problems.some(({ cause }) => cause === wanted);
    const key = hasCause("run-forgotten") ? "neverSeen" : hasCause("coordinator-silent") ? "neverHeard" : "neverTold";
    return <p>{t(key, { agent: run.coordinator })}</p>;
  }
  if (run.state === "CANCELLED") return <p className="font-semibold">{t("cancelled", stage)}</p>;
  if (run.state === "SUCCEEDED") {
    if (isPast(run)) return <Past run={run} />;
    if (run.outcome.state === "reached") return <p>{t("reached")}</p>;
    if (run.outcome.state === "missed") return <p className="font-semibold">{t("missed")}</p>;
    if (run.outcome.state === "not-reported") return <p>{t("notReported", { kind: run.kind })}</p>;
    return run.outcome.state === "not-checked" ? <p>{t("notChecked")}</p> : null;
  }
  if (stuck.length === 0) return null;
  return (
    <div>
      <p>{t("stuck", { n: stuck.length, agents: names(stuck) })}</p>
      <WholeList items={stuck} named={NAMED} />
    </div>
  );
}

/** What was so at the end and is not so any more: told with its time, never as it stands. */
function Past({ run }: { run: Run }) {
  const t = useTranslations("run.situation");
  const names = useAgentNames();
  const moment = useMoment();
  const away = run.now?.away ?? [];
  const time = moment(run.outcome.checkedAt, run.consoleNowMs);
  return (
    <>
      <p className="font-semibold">
        {run.outcome.state === "reached"
          ? t("reachedThen", { time, agents: names(away), n: away.length, kind: run.kind })
          : t("missedThen", { time })}
      </p>
      <WholeList items={away} named={NAMED} />
      <p>{t("since")}</p>
    </>
  );
}

function Sentence({ run, finding, onOpen }: { run: Run; finding: Finding; onOpen: (taskId: string) => void }) {
  const t = useTranslations("run.situation");
  const cause = useTranslations("run.cause");
  const words = useAgentWords();
  const names = useAgentNames();
  const stageName = useStageName();
  const { agents, taskId } = finding;
  const about = agents.length > 0 ? agents : [run.coordinator];
  const params = { agents: names(about), n: about.length, kind: run.kind, coordinator: run.coordinator || "—" };
  const stage = finding.stage === null ? undefined : run.stages[finding.stage - 1];
  const unheard = run.now?.unheard.filter(({ address }) => about.includes(address)) ?? [];
  const unheardNamed = unheard.map((agent) => words.named(agent));
  const holders = finding.heldBy.filter((id) => id !== run.id);
  return (
    <div className="space-y-1">
      <p className="font-semibold break-words">
        {cause(`${finding.cause}.what`, params)}
        {stage ? (
          <span className="font-normal text-ink-2">
            {" "}
            {t("atStage", { n: finding.stage ?? 0, name: stageName(stage) })}
          </span>
        ) : null}
      </p>
      <p>{cause(`${finding.cause}.next`, params)}</p>
      {unheard.length > 0 ? (
        <div>
          <p>{t("unheardNow", { agents: names(unheardNamed) })}</p>
          <WholeList items={unheardNamed} named={NAMED} />
        </div>
      ) : null}
      {agents.length > 3 ? <AddressList label={t("allAgents", { n: agents.length })} addresses={agents} /> : null}
      {holders.length > 0 ? (
        <p className="flex flex-wrap gap-x-2">
          {t("heldBy")}
          {holders.map((id) => (
            <Link
              key={id}
              prefetch={false}
              href={`/clusters/${run.cluster.id}/runs/${id}`}
              className="font-mono break-all underline underline-offset-2 max-sm:inline-flex max-sm:min-h-11 max-sm:items-center"
            >
              {id}
            </Link>
          ))}
        </p>
      ) : null}
      {finding.engine.length > 0 ? (
        <div
          role="group"
          aria-label={t("engine")}
          lang="en"
          className="font-mono text-xs break-words text-ink-2 select-all"
        >
          {finding.engine.map((words) => (
            <p key={words}>{words}</p>
          ))}
        </div>
      ) : null}
      {taskId ? (
        <button
          type="button"
          className="inline-flex min-h-6 items-center underline underline-offset-2 max-sm:min-h-11"
          onClick={() => onOpen(taskId)}
        >
          {t("openLog")}
        </button>
      ) : null}
    </div>
  );
}
