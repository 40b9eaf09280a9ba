import { screen } from "@testing-library/react";
import type { ReactNode } from "react";
import { expect, test, vi } from "vitest";
import { at, atTwentyPastThree, LOCALES, show } from "@/components/testing/show";
import { exampleTopology, withUnheard } from "@/lib/clusters/testing/example-topology";
import { unheardOf } from "@/lib/clusters/unheard";
import type { Offer, Run, ServersNow as Now } from "@/lib/tasks/schema";
import { AgentCheck } from "./agent-check";
import { exampleRun } from "./example-run";
import { Happened } from "./happened";
import { createRunStore } from "./run-store";
import { ServersNow } from "./servers-now";
import { RunProvider } from "./use-run";
import { WaitsFor } from "./waits-for";

vi.mock("next/navigation", () => ({ useRouter: () => ({}) }));
atTwentyPastThree();

const [FROZEN, SILENT] = ["10.0.1.2:2886", "10.0.3.1:2886"] as const;
const topology = withUnheard(
  withUnheard(exampleTopology(), FROZEN, "hangs", at("03:12:04")),
  SILENT,
  "silent",
  at("03:13:05"),
);
const unheard = unheardOf(topology);
const COMMAND = "kill -9 \"$(cat '/home/admin/oceanbase/run/observer.pid')\"";

const now: Now = {
  ...{ checkedAt: at("03:19:59"), of: "targets", groups: [{ state: "SERVING", servers: [FROZEN] }], stoppedZones: [] },
  ...{ held: [], outOfReach: [], notAsked: [], away: [], there: [], again: [], otherRun: null },
  ...{ silent: unheard.map(({ address }) => address), unheard },
};
const run = (change: Partial<Run> = {}): Run => exampleRun([FROZEN, SILENT], { now, ...change });
const stage = (key: Run["stages"][number]["key"], number: number): Partial<Run> => {
  const [any] = exampleRun([FROZEN]).stages;
  return {
    stage: number,
    maxStage: number,
    stages: Array.from({ length: number }, () => ({ ...(any ?? expect.unreachable()), key })),
  };
};

const page = (body: ReactNode, locale: "en" | "zh") =>
  show(<RunProvider value={createRunStore(null)}>{body}</RunProvider>, { locale, topology });

const WORDS = {
  en: ["10.0.3.1:2886 silent since 03:13:05", "10.0.1.2:2886 hangs since 03:12:04"],
  zh: ["10.0.3.1:2886 自 03:13:05 起无应答", "10.0.1.2:2886 自 03:12:04 起卡住"],
};

test.each(LOCALES)("beside a run its servers' agents are told by their word and since when, in %s", (locale) => {
  const { container } = page(<ServersNow run={run()} />, locale);
  for (const words of WORDS[locale]) expect(container.textContent).toContain(words);
});

test.each(LOCALES)("a coordinator that gives no answer is told by how it stands now, in %s", (locale) => {
  const lost: Run["problems"][number] = {
    ...{ kind: "agent-timeout", cause: "coordinator-silent", stage: null, taskId: null, agents: [SILENT] },
    ...{ agentCode: null, agentMessage: "", heldBy: [] },
  };
  const { container } = page(
    <Happened run={run({ state: "UNKNOWN", coordinator: SILENT, problems: [lost] })} onOpen={() => undefined} />,
    locale,
  );
  expect(container.textContent).toContain(WORDS[locale][0]);
  expect(container.textContent).not.toContain(WORDS[locale][1]);
});

test.each(LOCALES)("a look at agents that did not take part tells how each stands, in %s", (locale) => {
  const offer: Offer = { kind: "check-agents", rank: "primary", touches: [FROZEN], obstacle: null };
  const { container } = page(<AgentCheck run={run()} offer={offer} reason={null} onLook={() => undefined} />, locale);
  expect(container.textContent).toContain(WORDS[locale][1]);
});

test.each([
  ["en", 2, /Step 2, All agents ready, needs every agent: 10\.0\.1\.2:2886 hangs since 03:12:04/],
  ["en", 3, /Step 3, All agents ready, needs every agent: 10\.0\.1\.2:2886 hangs since 03:12:04/],
  ["zh", 2, /第 2 步（.*）需要全部 agent：10\.0\.1\.2:2886 自 03:12:04 起卡住/],
] as const)(
  "a run that waits for an agent that hangs says so, with the command that ends it (%s, step %i)",
  async (locale, number, text) => {
    page(<WaitsFor run={run(stage("ready", number))} />, locale);
    expect((await screen.findByRole("alert")).textContent).toMatch(text);
    expect(screen.getByText(COMMAND)).toBeTruthy();
    expect(screen.queryByText(/10\.0\.3\.1/)).toBeNull();
  },
);

test("at its first step it says how long the engine tries a silent host", async () => {
  page(<WaitsFor run={run(stage("prepare", 1))} />, "en");
  expect((await screen.findByRole("alert")).textContent).toMatch(/10\.0\.3\.1:2886 silent since 03:13:05.*three times/);
});

test("a run that is over waits for nobody", async () => {
  page(
    <>
      <WaitsFor run={run({ ...stage("ready", 2), state: "FAILED" })} />
      <WaitsFor run={run(stage("ready", 2))} />
    </>,
    "en",
  );
  expect(await screen.findAllByRole("alert")).toHaveLength(1);
});
