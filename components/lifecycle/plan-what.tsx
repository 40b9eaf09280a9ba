"use client";

import Link from "next/link";
import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { WholeList } from "@/components/ui/whole-list";
import type { Plan } from "@/lib/lifecycle/schema";
import { kindOfRun } from "@/lib/tasks/engine-words";
import { AlsoFact, Fact, MajorityFact, MethodFact, StaysFact } from "./plan-facts";
import { OutOfReach } from "./out-of-reach";
import { kindOf, usePlanWords } from "./plan-words";

/** What a plan would do, fact by fact: the same on the page, in the dialog and for the second person (ux C-1). */
export function WhatFacts({ plan, ageMs, shares }: { plan: Plan; ageMs: number; shares: ReactNode }) {
  const t = useTranslations("plan");
  const { stopping } = plan.impact;
  if (plan.action !== "stop" && plan.action !== "start") return <OperationFacts plan={plan} />;
  return (
    <>
      <FollowsFact plan={plan} />
      <Fact name={t(plan.action === "stop" ? "row.stops" : "row.starts")}>
        <strong className="font-semibold">{t("stops", { n: stopping })}</strong>
        {shares}
      </Fact>
      {plan.action === "stop" ? <StaysFact plan={plan} /> : <ServesFact plan={plan} />}
      <MajorityFact plan={plan} ageMs={ageMs} />
      <MethodFact plan={plan} />
      <AlsoFact plan={plan} />
    </>
  );
}

function RunLink({ plan, id, children }: { plan: Plan; id: string; children: ReactNode }) {
  return (
    <Link
      href={`/clusters/${plan.cluster.id}/runs/${id}`}
      prefetch={false}
      className="font-mono break-all underline underline-offset-2"
    >
      {children}
    </Link>
  );
}

/** Why this plan came: the run that it follows up, or that it cancels first (ux §11). */
function FollowsFact({ plan }: { plan: Plan }) {
  const t = useTranslations("plan");
  const { cancels, continues, method } = plan;
  const id = cancels ?? continues;
  if (id === null) return null;
  const key = cancels === null ? "continues" : method === "force" ? "cancels" : "cancelsPlain";
  return (
    <Fact name={t("row.follows")}>
      {t.rich(`follows.${key}`, {
        id,
        n: plan.impact.stopping,
        run: (chunks) => (
          <RunLink plan={plan} id={id}>
            {chunks}
          </RunLink>
        ),
      })}
      {plan.run ? <RunState plan={plan} /> : null}
    </Fact>
  );
}

/** How the run stands, where it was read, and whose it is. */
function RunState({ plan: { run } }: { plan: Plan }) {
  const t = useTranslations("plan");
  const words = usePlanWords();
  if (!run) return null;
  const facts = [
    words.say(`runState.${run.state}`),
    run.maxStage > 0 ? t("runFact", { name: run.name, stage: run.stage, max: run.maxStage }) : null,
    run.by === null ? null : t("runBy", { name: run.by }),
    run.coordinator ? t("runVia", { address: run.coordinator }) : null,
  ];
  return <span className="block text-sm text-ink-2">{facts.filter((fact) => fact !== null).join(" · ")}</span>;
}

/** What serves once it is done, and what it is sent as. */
function ServesFact({ plan }: { plan: Plan }) {
  const t = useTranslations("plan");
  const words = usePlanWords();
  const { staying, stopping, unclear, total, scope } = plan.impact;
  return (
    <>
      <Fact name={t("row.serves")}>
        <strong className="font-semibold">{t("serves", { n: staying + stopping, total })}</strong>
        {unclear > 0 ? <span className="block text-sm text-ink-2">{t("unclear", { n: unclear })}</span> : null}
        <OutOfReach impact={plan.impact} isStart />
      </Fact>
      {scope ? (
        <Fact name={t("row.sentAs")}>
          {words.sentAs(scope)}
          <WholeList items={scope.type === "GLOBAL" ? [] : scope.target} />
        </Fact>
      ) : null}
    </>
  );
}

/** Of something done with a run: which, how it stands, what is asked of whom, and how it is afterwards. */
function OperationFacts({ plan }: { plan: Plan }) {
  const t = useTranslations("plan");
  const kind = kindOf(plan);
  const isStart = plan.run !== null && kindOfRun(plan.run.name) === "start";
  const agents = [...new Set(plan.parts.filter((part) => part.does === "release").map((part) => part.agent))];
  return (
    <>
      <Fact name={t("row.run")}>
        {plan.run ? (
          <RunLink plan={plan} id={plan.run.id}>
            {plan.run.id}
          </RunLink>
        ) : null}
        <RunState plan={plan} />
      </Fact>
      <Fact name={t("row.does")}>{t("does", { kind })}</Fact>
      {agents.length > 0 ? (
        <Fact name={t("row.agents")}>
          <span className="block max-h-28 overflow-y-auto font-mono text-sm" tabIndex={0}>
            {agents.join("  ")}
          </span>
        </Fact>
      ) : null}
      <Fact name={t("row.after")}>{t("after", { kind: kind === "cancel" && isStart ? "cancelStart" : kind })}</Fact>
    </>
  );
}
