import { cleanup, screen } from "@testing-library/react";
import type { ReactNode } from "react";
import { expect, test } from "vitest";
import { at, atTwentyPastThree, LOCALES, show } from "@/components/testing/show";
import type { Unheard } from "@/lib/clusters/schema";
import { exampleTopology, withServer, withUnheard } from "@/lib/clusters/testing/example-topology";
import type { Approval, Plan, StandingStop } from "@/lib/lifecycle/schema";
import { ApprovalSheet } from "./approval-sheet";
import { ConfirmSummary } from "./confirm-summary";
import { exampleLive, examplePlan } from "./example-plan";
import { HostCommands } from "./host-commands";
import { PlanBlockers } from "./plan-blockers";
import { PlanChecks } from "./plan-checks";
import { PlanTargets } from "./plan-targets";
import { StandingList } from "./standing-list";
import { startGroups } from "./start-groups";
import { StartZone } from "./start-zone";

atTwentyPastThree();

const FROZEN: Unheard = { address: "10.0.1.1:2886", zone: "zone1", condition: "hangs", since: at("03:12:04") };
const SILENT: Unheard = { address: "10.0.3.1:2886", zone: "zone3", condition: "silent", since: at("03:13:05") };
const COMMAND = "kill -9 \"$(cat '/home/admin/oceanbase/run/observer.pid')\"";

/** Seven more targets before the one whose agent hangs, and a silent agent that is none. */
const plan = (): Plan => {
  const [target] = examplePlan().targets;
  if (!target) throw new Error("the example has a target");
  const { condition, since } = FROZEN;
  const well = [2, 3, 4, 5, 6, 7, 8].map((n) => ({ ...target, address: `10.0.0.${n}:2886`, zone: "zone0" }));
  return examplePlan({
    targets: [...well, { ...target, agentAnswers: false, unheard: { condition, since } }],
    unheard: [SILENT, FROZEN],
    checks: [
      {
        ...{ id: "agents-answer", level: "warn", message: "silent", checkedAt: at("03:20:00") },
        params: { count: 2, total: 9, silent: 1, hangs: 1, action: "stop" },
        items: [SILENT.address, FROZEN.address],
        commands: [{ address: FROZEN.address, command: COMMAND, ends: true }],
      },
    ],
  });
};

const said = (page: ReactNode, locale: "en" | "zh"): string => {
  cleanup();
  return show(page, { locale }).container.textContent ?? "";
};

const WORDS = {
  en: {
    target: "10.0.1.1:2886 agent hangs since 03:12:04",
    named: ["10.0.3.1:2886 silent since 03:13:05", "10.0.1.1:2886 hangs since 03:12:04"],
  },
  zh: {
    target: "10.0.1.1:2886 agent 自 03:12:04 起卡住",
    named: ["10.0.3.1:2886 自 03:13:05 起无应答", "10.0.1.1:2886 自 03:12:04 起卡住"],
  },
};

test.each(LOCALES)("a target of a plan says how its agent stands and since when, in %s", (locale) => {
  const text = said(<PlanTargets plan={plan()} before={new Map()} />, locale);
  expect(text.replace("2886agent", "2886 agent")).toContain(WORDS[locale].target);
});

test.each(LOCALES)(
  "the checks name every agent that does not answer by its word, with what ends a frozen process, in %s",
  (locale) => {
    const text = said(<PlanChecks live={exampleLive(plan())} trust={null} />, locale);
    for (const named of WORDS[locale].named) expect(text).toContain(named);
    expect(text).toContain(COMMAND);
  },
);

const approval: Approval = {
  ...{ id: "a1", planId: "plan-1", requestedBy: "li.wei", reason: "disk swap", state: "waiting", decidedBy: null },
  ...{ requestedAt: at("03:19:00"), expiresAt: at("03:49:00"), expiresInMs: 1_740_000 },
};

test.each(LOCALES)(
  "whoever confirms, and whoever approves, reads the same words, among the few that are named, in %s",
  (locale) => {
    const onDecide = () => Promise.resolve();
    const pages = [
      <ConfirmSummary key="dialog" plan={plan()} ageMs={0} />,
      <ApprovalSheet
        key="approval"
        {...{ approval, plan: plan(), readAtMs: Date.now(), me: "chen.yu", mayApprove: true, onDecide }}
      />,
    ];
    for (const page of pages) {
      const text = said(page, locale);
      expect(text).toContain(WORDS[locale].target);
      for (const named of WORDS[locale].named) expect(text).toContain(named);
    }
  },
);

const down = withUnheard(
  withServer(exampleTopology(), SILENT.address, { state: "PROCESS_STOPPED" }),
  SILENT.address,
  "silent",
  SILENT.since ?? "",
);

test.each(LOCALES)("what is down and does not answer says so where it is started, in %s", (locale) => {
  const [group] = startGroups(down).groups;
  const nobody = {
    record: null,
    whyHidden: "version" as const,
    toldAt: null,
    isFixed: false,
    picked: new Set<string>(),
  };
  const zone = group ? <StartZone {...nobody} clusterId="c1" group={group} onToggle={() => undefined} /> : null;
  const text = said(zone, locale);
  expect(text).toContain({ en: "agent silent since 03:13:05", zh: "agent 自 03:13:05 起无应答" }[locale]);
});

const lost: StandingStop = {
  ...{ planId: "p1", action: "stop", person: "li.wei", method: "stop", servers: 1, since: at("03:14:00"), runId: null },
  ...{ coordinator: SILENT.address, state: "looking", silent: [SILENT.address] },
};

test.each(LOCALES)("an answer that is looked for names whom it waits for as they stand, in %s", async (locale) => {
  show(<StandingList clusterId="c1" stops={[lost]} approvals={[]} down={[]} closeIntent={null} />, {
    locale,
    topology: down,
  });
  expect(await screen.findByText(new RegExp(WORDS[locale].named[0] ?? "-"))).toBeTruthy();
});

test.each(LOCALES)("an agent that could not be asked who holds it is named as it stands, in %s", (locale) => {
  const asked = { ...plan(), notAsked: [SILENT.address] };
  const page = <PlanBlockers clusterId="c1" plan={asked} onChoose={() => undefined} choosing={null} failure={null} />;
  expect(said(page, locale)).toContain(WORDS[locale].named[0]);
});

test.each(LOCALES)(
  "whether a zone is stopped is told as last known where a newer word does not come, in %s",
  (locale) => {
    const [group] = startGroups(
      withServer(exampleTopology(), "10.0.1.1:2886", { state: "SERVICE_NOT_REPORTED" }),
    ).groups;
    const zone = { record: null, isFixed: false, picked: new Set<string>(), whyHidden: "overdue" as const };
    const words = { en: "It was last known active, at 03:12:04.", zh: "最后得知（03:12:04）为运行。" }[locale];
    const page = (toldAt: string | null) =>
      group ? <StartZone {...zone} clusterId="c1" group={group} toldAt={toldAt} onToggle={() => undefined} /> : null;
    expect(said(page(at("03:12:04")), locale)).toContain(words);
    expect(said(page(null), locale)).not.toMatch(/last known|最后得知|Agents of this version|此版本/);
  },
);

test.each(LOCALES)("a command that only finds a process is not told as one that ends it, in %s", (locale) => {
  const ends = { en: "to end the process", zh: "结束该进程" }[locale];
  const command = (isEnd: boolean) => [
    { address: FROZEN.address, command: isEnd ? COMMAND : "pgrep -a observer", ends: isEnd },
  ];
  expect(said(<HostCommands commands={command(true)} />, locale)).toContain(ends);
  expect(said(<HostCommands commands={command(false)} />, locale)).not.toContain(ends);
});

test.each(LOCALES)(
  "a verdict that rests on what was told last says of when that is, to whoever confirms too, in %s",
  (locale) => {
    const words = { en: "Tenants and zone status as of 03:12:01", zh: "租户和 Zone 状态截至 03:12:01" }[locale];
    const { impact } = examplePlan();
    const old = { ...impact, majority: { ...impact.majority, doubts: ["old" as const] } };
    const summary = (change: Partial<Plan>) => said(<ConfirmSummary plan={examplePlan(change)} ageMs={0} />, locale);
    expect(summary({ impact: old, toldAt: at("03:12:01") })).toContain(words);
    expect(summary({ toldAt: null })).not.toContain(words.slice(0, 10));
  },
);
