"use client";

import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { followUp } from "@/components/lifecycle/selection-store";
import type { Offer, Run } from "@/lib/tasks/schema";

/** Where an offer leads, and its words. Whatever stops or starts something goes through a plan of its own (ux V-2). */
export function useWayOn(run: Run, { kind, touches }: Pick<Offer, "kind" | "touches">) {
  const t = useTranslations("run.offer");
  const router = useRouter();
  const cluster = `/clusters/${run.cluster.id}`;
  const n = touches.length;
  const words = { n, kind: run.kind, scope: startScope(run, n) };
  const isZone = run.stages[run.stage - 1]?.key === "startZone";
  const key = kind === "retry" && isZone ? "retryZone" : kind;

  function go(): void {
    const { id } = run;
    if (kind === "escalate") {
      followUp(run.cluster.id, { servers: touches, method: "force", continues: id, cancels: id });
    } else {
      const servers = kind === "check-agents" ? (run.targets ?? []) : touches;
      // Force is asked for anew each time (ux P5).
      const method = run.method === null || run.method === "force" ? {} : { method: run.method };
      followUp(run.cluster.id, { servers, ...method, continues: id });
    }
    router.push(`${cluster}/stop`);
  }

  return {
    label:
      kind === "start" && run.kind === "start"
        ? t("start.remaining", words)
        : kind === "release" && n === 0
          ? t("release.labelNone")
          : t(`${key}.label`, words),
    note: t(`${key}.note`, words),
    go,
    href: hrefOf(kind, cluster, run.id),
  };
}

/** How they will be started: what stands stopped as a zone as a zone, a whole cluster that is down all at once. */
function startScope({ now, scope, targets }: Run, down: number): "GLOBAL" | "ZONE" | "SERVER" {
  if (scope === "GLOBAL" && down === targets?.length) return "GLOBAL";
  return now && now.stoppedZones.length > 0 ? "ZONE" : "SERVER";
}

/** null: what leads there has to be handed over, which no link can (ux P5). */
function hrefOf(kind: Offer["kind"], cluster: string, runId: string): string | null {
  switch (kind) {
    case "cancel":
    case "retry":
    case "skip":
    case "release":
      return `${cluster}/runs/${runId}/${kind}`;
    case "start":
      return `${cluster}/start?run=${runId}`;
    default:
      return null;
  }
}
