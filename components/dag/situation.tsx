"use client";

import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { Glyph, type Mark } from "@/components/ui/state-mark";
import type { Run } from "@/lib/tasks/schema";
import { headlineOf } from "./headline";
import { Happened } from "./happened";
import { RunLinks } from "./run-links";
import { ServersNow } from "./servers-now";
import { WaysOn } from "./ways-on";

const EDGE: Partial<Record<Mark, string>> = {
  failed: "border-fail bg-fail-panel",
  unknown: "border-amber bg-amber-panel",
  warning: "border-amber bg-amber-panel",
};

/** What happened, what state the servers are in now, what to do next: in this order, above the servers (ux V-4). */
export function Situation({
  run,
  onOpen,
  onLook,
}: {
  run: Run;
  onOpen: (taskId: string) => void;
  /** Asks everybody now, instead of when it is time to. */
  onLook: () => void;
}) {
  const t = useTranslations("run.situation");
  const { mark } = headlineOf(run);
  return (
    <section
      id="problems"
      aria-label={t("title")}
      className={`mx-4 mt-3 scroll-mt-(--stick) rounded-[5px] border-l-4 ${EDGE[mark] ?? "border-line-strong bg-panel"}`}
    >
      <div className="grid gap-x-6 gap-y-3 px-4 py-3 lg:grid-cols-[minmax(0,1.2fr)_minmax(0,1fr)_minmax(0,1.1fr)]">
        <Part title={t("happened")} mark={mark}>
          <Happened run={run} onOpen={onOpen} />
        </Part>
        <Part title={t("now")}>
          <ServersNow run={run} />
        </Part>
        <Part title={t("next")}>
          <WaysOn run={run} onLook={onLook} />
        </Part>
      </div>
      <RunLinks run={run} />
    </section>
  );
}

function Part({ title, mark, children }: { title: string; mark?: Mark; children: ReactNode }) {
  return (
    <div className="min-w-0 space-y-1.5">
      <h2 className="flex items-center gap-1.5 text-sm text-ink-2">
        {mark ? <Glyph mark={mark} /> : null}
        {title}
      </h2>
      {children}
    </div>
  );
}
