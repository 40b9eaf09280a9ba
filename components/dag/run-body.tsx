"use client";

import dynamic from "next/dynamic";
import Link from "next/link";
import { useTranslations } from "next-intl";
import { useMemo, useState } from "react";
import { FailureNote } from "@/components/ui/failure-note";
import { useShortcuts } from "@/components/ui/use-shortcuts";
import type { Run } from "@/lib/tasks/schema";
import { hasNews } from "./diagnosis";
import { headlineOf, kindInWords, progressOf } from "./headline";
import { Matrix } from "./matrix";
import { createOrderKeeper } from "./order-keeper";
import { countMarks, type Sort } from "./row-order";
import { RunFacts } from "./run-facts";
import { RunHeader } from "./run-header";
import { Stepper } from "./stepper";
import { Tiles } from "./tiles";
import { Toolbar } from "./toolbar";
import { useFailures } from "./use-failures";
import { useFirstFailure } from "./use-first-failure";
import { useHeadline } from "./use-headline";
import { useAge, useIsStale, useRowsVersion, useRunStore } from "./use-run";
import { useRunPlace, VIEWS, type Place } from "./use-run-place";
import { useRunVoice } from "./use-run-voice";
import { useStickyHeight } from "./use-sticky-height";
import { useTabSignals } from "./use-tab-signals";
import { WaitsFor } from "./waits-for";

const Graph = dynamic(() => import("./graph").then((module) => module.Graph));
const TaskList = dynamic(() => import("./task-list").then((module) => module.TaskList));
const Situation = dynamic(() => import("./situation").then((module) => module.Situation));
const LogDrawer = dynamic(() => import("./log-drawer").then((module) => module.LogDrawer), { ssr: false });

/** Everything about one run: truth line, stages, trouble, then the servers in the view of the reader's choice. */
export function RunBody({
  run,
  read,
  phone,
}: {
  run: Run;
  /** Reads at once; with `look`, every agent is asked. */
  read: (look: boolean) => void;
  phone: boolean;
}) {
  const t = useTranslations("run");
  const store = useRunStore();
  const place = useRunPlace(run, phone);
  const [sort, setSort] = useState<Sort>("worst");
  const [keeper] = useState(() => createOrderKeeper(store));
  const version = useRowsVersion();
  // eslint-disable-next-line react-hooks/exhaustive-deps -- the version stands for the rows
  const counts = useMemo(() => countMarks(store.rows().values()), [store, version]);
  const failures = useFailures();
  const stale = useIsStale();
  const refresh = () => read(false);
  const resume = () => {
    store.pause(false);
    refresh();
  };
  const order = (nextSort: Sort, filter: Place["filter"]) => {
    setSort(nextSort);
    place.go({ filter });
  };
  const walk = (step: 1 | -1) => {
    const at = failures.findIndex(({ task }) => task.id === place.task);
    const from = at < 0 && step < 0 ? 0 : at;
    const next = failures[(from + step + failures.length) % failures.length];
    if (next) place.go({ task: next.task.id });
  };
  useSignals(run, failures.length);
  useShortcuts({
    n: () => walk(1),
    p: () => walk(-1),
    v: () => place.go({ view: VIEWS[(VIEWS.indexOf(place.view) + 1) % VIEWS.length] }),
    s: () => keeper.resort(),
    f: () => order(sort, place.filter === "failed" ? null : "failed"),
    l: () => (place.task ? focusLog() : walk(1)),
    r: store.age().paused ? resume : refresh,
    ".": () => (store.age().paused ? resume() : store.pause(true)),
    Escape: () => place.go({ task: null }),
  });
  useFirstFailure(failures.length, () => document.getElementById("problems")?.scrollIntoView({ block: "nearest" }));
  const [root, header] = useStickyHeight();
  return (
    <div ref={root} className={`flex min-w-0 flex-1 flex-col ${stale ? "[&_.turning]:animate-none" : ""}`}>
      <RunHeader
        ref={header}
        run={run}
        failures={failures.length}
        stuck={counts.stuck}
        onNextFailure={() => walk(1)}
        onRefresh={refresh}
        onResume={resume}
      />
      <div className="flex flex-1 items-start">
        <div id="servers" className="min-w-0 flex-1 pb-6">
          <ReadFailure />
          <WaitsFor run={run} />
          {hasNews(run) ? (
            <Situation run={run} onOpen={(task) => place.go({ task })} onLook={() => read(true)} />
          ) : null}
          <div className={`flex flex-col ${stale ? "hatch opacity-60" : ""}`} data-stale={stale || undefined}>
            <Stepper run={run} />
            <Toolbar
              view={place.view}
              sort={sort}
              filter={place.filter}
              counts={counts}
              graph={run.stages.every((stage) => stage.total <= 12)}
              onView={(view) => place.go({ view })}
              onSort={(next) => order(next, place.filter)}
              onFilter={(next) => order(sort, next)}
            />
            {/* One glyph turns, in the header; a field of turning ones is neither calm nor cheap (ux P9, X-6). */}
            <div className="[&_.turning]:animate-none">
              <Servers run={run} keeper={keeper} place={place} failures={failures} sort={sort} />
            </div>
            <RunFacts run={run} />
          </div>
          <p className="px-4 pt-3">
            <Link
              prefetch={false}
              className="inline-flex min-h-6 items-center underline underline-offset-2 max-sm:min-h-11"
              href={`/clusters/${run.cluster.id}`}
            >
              {t("toTopology")}
            </Link>
          </p>
        </div>
        {place.task ? <LogDrawer run={run} taskId={place.task} onClose={() => place.go({ task: null })} /> : null}
      </div>
    </div>
  );
}

function Servers({
  run,
  keeper,
  place,
  failures,
  sort,
}: {
  run: Run;
  keeper: ReturnType<typeof createOrderKeeper>;
  place: Place;
  failures: ReturnType<typeof useFailures>;
  sort: Sort;
}) {
  const open = (task: string) => place.go({ task });
  switch (place.view) {
    case "matrix":
      return <Matrix run={run} keeper={keeper} sort={sort} filter={place.filter} open={place.task} onOpen={open} />;
    case "tiles":
      return <Tiles run={run} filter={place.filter} failures={failures} onOpen={open} />;
    case "graph":
      return <Graph run={run} open={place.task} onOpen={open} />;
    case "list":
      return <TaskList run={run} filter={place.filter} onOpen={open} />;
  }
}

/** An agent cannot be read while the last picture stays: says why. That the console is silent, the frame says itself. */
function ReadFailure() {
  const { failure } = useAge();
  const stale = useIsStale();
  if (!failure || !stale || failure.kind === "console-unreachable") return null;
  return (
    <div className="px-4 pt-3">
      <FailureNote failure={failure} />
    </div>
  );
}

function useSignals(run: Run, failures: number): void {
  const t = useTranslations("run.tab");
  const headline = useHeadline(run);
  const { mark, key } = headlineOf(run);
  const progress = progressOf(run);
  const title = t(key, {
    percent: Math.round(progress * 100),
    n: run.targets?.length ?? run.counts.total,
    failed: Math.max(failures, run.counts.failed, run.outcome.failed),
    kind: kindInWords(run),
    run: run.name,
    cluster: `${run.cluster.name} [${run.cluster.environment}]`,
  });
  useTabSignals(title, mark, progress);
  useRunVoice(run, headline, failures);
}

const focusLog = () => document.querySelector<HTMLElement>("[data-log]")?.focus();
