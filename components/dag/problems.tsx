"use client";

import Link from "next/link";
import { useTranslations } from "next-intl";
import { Banner } from "@/components/ui/banner";
import { FAILURES, type FailureKind } from "@/lib/errors";
import type { Run } from "@/lib/tasks/schema";
import { isOver } from "./headline";
import { useClockTime } from "./use-clock-time";
import { useStageName } from "./use-stage-name";

type Problem = Run["problems"][number];
const NAMED = 6;

const isFailureKind = (kind: string): kind is FailureKind => Object.hasOwn(FAILURES, kind);

/** What happened, what state the servers are in now, what to do next: in this order, above everything else (ux V-4). */
export function Problems({ run, onOpen }: { run: Run; onOpen: (taskId: string) => void }) {
  const t = useTranslations("run.problem");
  if (run.state === "UNKNOWN") return <SilentCoordinator run={run} />;
  const missed = run.outcome.state === "missed" && run.problems.length === 0;
  if (run.problems.length === 0 && !missed) return null;
  return (
    <section aria-label={t("title")} id="problems" className="mx-4 mt-4 scroll-mt-(--stick) space-y-2">
      {run.problems.map((problem, at) => (
        <ProblemNote key={`${problem.kind} ${problem.taskId ?? at}`} run={run} problem={problem} onOpen={onOpen} />
      ))}
      {missed ? (
        <Banner tone="fail">
          <p className="font-semibold">{t("missedWhat")}</p>
          <ServersNow run={run} />
          <p>{t("missedNext")}</p>
          <WaysOn run={run} />
        </Banner>
      ) : null}
    </section>
  );
}

function ProblemNote({ run, problem, onOpen }: { run: Run; problem: Problem; onOpen: (taskId: string) => void }) {
  const t = useTranslations("run.problem");
  const error = useTranslations("errors");
  const stageName = useStageName();
  const kind = isFailureKind(problem.kind) ? problem.kind : null;
  const agents = problem.agents.slice(0, NAMED).join(", ") || run.coordinator;
  const params = { address: agents, name: agents, what: agents };
  const stage = problem.stage === null ? undefined : run.stages[problem.stage - 1];
  const { taskId } = problem;
  return (
    <Banner tone="fail">
      <p className="font-semibold">
        {kind ? error(`${kind}.what`, params) : t("other")}
        {stage ? (
          <span className="font-normal text-ink-2">
            {" "}
            {t("atStage", { n: problem.stage ?? 0, name: stageName(stage) })}
          </span>
        ) : null}
      </p>
      <ServersNow run={run} />
      <p>{kind ? error(`${kind}.next`, params) : t("otherNext")}</p>
      <Agents agents={problem.agents} />
      {problem.heldBy.length > 0 ? (
        <p className="flex flex-wrap gap-x-2">
          {t("heldBy")}
          {problem.heldBy.map((id) => (
            <Link
              key={id}
              prefetch={false}
              href={`/clusters/${run.cluster.id}/runs/${id}`}
              className="font-mono underline underline-offset-2"
            >
              {id}
            </Link>
          ))}
        </p>
      ) : null}
      {problem.agentMessage ? (
        <p className="font-mono text-xs text-ink-2 select-all" lang="en">
          {[problem.agentCode, problem.agentMessage].filter(Boolean).join(": ")}
        </p>
      ) : null}
      <WaysOn run={run}>
        {taskId ? (
          <button
            type="button"
            className="inline-flex min-h-6 items-center underline underline-offset-2 max-sm:min-h-11"
            onClick={() => onOpen(taskId)}
          >
            {t("openLog")}
          </button>
        ) : null}
      </WaysOn>
    </Banner>
  );
}

function Agents({ agents }: { agents: readonly string[] }) {
  const t = useTranslations("run.problem");
  if (agents.length === 0) return null;
  const list = <span className="font-mono text-sm">{agents.join("  ")}</span>;
  if (agents.length <= NAMED) return <p>{list}</p>;
  return (
    <details>
      <summary>{t("agents", { n: agents.length })}</summary>
      {list}
    </details>
  );
}

/** The state the servers are in, as far as anything was reported; never a guess (ux P2). */
function ServersNow({ run }: { run: Run }) {
  const t = useTranslations("run.problem");
  const clock = useClockTime();
  const { outcome } = run;
  if (!isOver(run)) return <p>{t("goesOn", run.counts)}</p>;
  if (outcome.state === "not-checked" || !outcome.checkedAt) return <p>{t("nowUnchecked")}</p>;
  return (
    <p>
      {t("now", {
        stopped: outcome.stopped,
        failed: outcome.failed,
        notReported: outcome.notReported,
        total: outcome.total,
        wanted: outcome.wanted ?? "PROCESS_STOPPED",
        time: clock(outcome.checkedAt),
      })}
    </p>
  );
}

function WaysOn({ run, children }: { run: Run; children?: React.ReactNode }) {
  const t = useTranslations("run.problem");
  return (
    <p className="flex flex-wrap gap-x-4">
      {children}
      {isOver(run) ? (
        <Link
          prefetch={false}
          href={`/clusters/${run.cluster.id}`}
          className="inline-flex min-h-6 items-center underline underline-offset-2 max-sm:min-h-11"
        >
          {t("lookAtServers")}
        </Link>
      ) : null}
    </p>
  );
}

/** Unknown is not failed: the run may go on, so sending it again comes last (ux §11, check 17). */
function SilentCoordinator({ run }: { run: Run }) {
  const t = useTranslations("run.problem");
  const error = useTranslations("errors");
  return (
    <section aria-label={t("title")} className="mx-4 mt-4">
      <Banner tone="decide">
        <p className="font-semibold">{t("silentWhat", { agent: run.coordinator || "—" })}</p>
        <p>{run.readFrom ? t("readFrom", { agent: run.readFrom }) : t("lastKnown")}</p>
        <p>{t("silentNext")}</p>
        {run.problems.map((problem) => (
          <p key={`${problem.kind} ${problem.stage}`} className="text-sm text-ink-2">
            {isFailureKind(problem.kind)
              ? error(`${problem.kind}.what`, {
                  address: run.coordinator,
                  name: run.coordinator,
                  what: run.coordinator,
                })
              : t("other")}{" "}
            <span className="font-mono text-xs select-all" lang="en">
              {problem.agentMessage}
            </span>
          </p>
        ))}
        <p>
          <Link
            prefetch={false}
            href={`/clusters/${run.cluster.id}`}
            className="inline-flex min-h-6 items-center underline underline-offset-2 max-sm:min-h-11"
          >
            {t("lookAtServers")}
          </Link>
        </p>
      </Banner>
    </section>
  );
}
