import { cleanup, screen } from "@testing-library/react";
import type { ReactNode } from "react";
import { afterEach, expect, test, vi } from "vitest";
import { Happened } from "@/components/dag/happened";
import { exampleRun } from "@/components/dag/example-run";
import { createRunStore } from "@/components/dag/run-store";
import { ServersNow } from "@/components/dag/servers-now";
import { RunProvider } from "@/components/dag/use-run";
import { show } from "@/components/testing/show";
import { ImpactFacts } from "@/components/topology/impact-facts";
import { exampleTopology } from "@/lib/clusters/testing/example-topology";
import type { DownByUs, Plan, StandingStop } from "@/lib/lifecycle/schema";
import { ConfirmSummary } from "./confirm-summary";
import { exampleLive, examplePlan } from "./example-plan";
import { PlanBlockers } from "./plan-blockers";
import { PlanChecks } from "./plan-checks";
import { SendNote } from "./send-note";
import { StandingList } from "./standing-list";
import { StartFacts } from "./start-facts";

vi.mock("next/navigation", () => ({ useRouter: () => ({}), usePathname: () => "/clusters/c1" }));
afterEach(cleanup);

const MANY = 301;
const many = (what: string) => Array.from({ length: MANY }, (_, at) => `${what}-${at}x`);
const tenants = many("tenant");
const agents = many("agent");
const zones = many("zone").map((zone) => ({ zone, stopping: 1, down: 0, total: 2 }));

const plan = (change: Partial<Plan> = {}): Plan => {
  const { impact } = examplePlan();
  return examplePlan({
    impact: { ...impact, zones, staying: MANY, majority: { ...impact.majority, verdict: "lost", tenants } },
    checks: [
      {
        ...{ id: "agents-answer", level: "warn", message: "silent", checkedAt: "2026-11-23T03:12:41.000Z" },
        params: { count: MANY, total: 2 * MANY, silent: MANY, hangs: 0, action: "stop" },
        ...{ items: agents, commands: [] },
      },
    ],
    notAsked: agents,
    ...change,
  });
};

const stop = (at: number, change: Partial<StandingStop> = {}): StandingStop => ({
  ...{ planId: `plan-${at}x`, action: "stop", method: "stop", servers: 1, person: "bo", state: "sending" },
  ...{ since: "2026-11-23T03:12:41.000Z", runId: null, silent: [], coordinator: "" },
  ...change,
});
const down = (change: Partial<DownByUs>): DownByUs => ({
  ...{ runId: "r1", person: "bo", since: "2026-11-23T03:12:41.000Z", scope: "ZONE", servers: [], zones: [] },
  ...{ certainty: "down" as const, method: "stop" as const, ...change },
});
const standing = (change: Partial<Parameters<typeof StandingList>[0]>) => (
  <StandingList clusterId="c1" stops={[]} approvals={[]} down={[]} closeIntent={null} {...change} />
);
const nothing = () => undefined;

const PLACES: Record<string, [page: ReactNode, of: string]> = {
  "tenants in the dialog": [<ConfirmSummary key="1" plan={plan()} ageMs={0} />, "tenant"],
  "zones in the dialog": [<ConfirmSummary key="1" plan={plan()} ageMs={0} />, "zone"],
  "agents of a warning in the dialog": [<ConfirmSummary key="1" plan={plan()} ageMs={0} />, "agent"],
  "agents of a check": [<PlanChecks key="1" live={exampleLive(plan())} trust={null} />, "agent"],
  "agents that were not asked": [
    <PlanBlockers key="1" clusterId="c1" plan={plan()} onChoose={nothing} choosing={null} failure={null} />,
    "agent",
  ],
  "silent agents of a lost answer": [
    <SendNote
      key="1"
      clusterId="c1"
      action="stop"
      cancels={null}
      unheard={[]}
      sending={{ phase: "checking", since: null, coordinator: null, silent: agents } as never} // safe: what it reads
      onAgain={nothing}
    />,
    "agent",
  ],
  "silent agents in a banner": [standing({ stops: [stop(1, { state: "silent", silent: agents })] }), "agent"],
  "zones in a banner": [standing({ down: [down({ zones: many("zone") })] }), "zone"],
  "tenants in the picker": [
    <ImpactFacts
      key="1"
      topology={exampleTopology(3, 3, {
        tenants: tenants.map((name) => ({ name, locality: "FULL{1}@zone1" })) as never, // safe: what it reads
      })}
      impact={{ ...plan().impact, zones: [{ zone: "zone1", stopping: 1, down: 0, total: 3 }] }}
      method="stop"
      changed={new Map()}
      stateOf={nothing}
      onSeen={nothing}
    />,
    "tenant",
  ],
  "tenants of a start": [<StartFacts key="1" impact={plan().impact} />, "tenant"],
  "zones of a start": [
    <StartFacts key="1" impact={{ ...plan().impact, scope: { type: "ZONE", target: agents } }} />,
    "agent",
  ],
};

/** How often such a name stands outside of what opens on a press, and how many of them there are altogether. */
function named(of: string) {
  const pattern = new RegExp(`${of}-\\d+x`, "g");
  const atOnce = document.body.cloneNode(true) as HTMLElement;
  for (const folded of atOnce.querySelectorAll("details")) folded.remove();
  const all = new Set(document.body.textContent?.match(pattern));
  return { atOnce: atOnce.textContent?.match(pattern)?.length ?? 0, all: all.size };
}

test.each(Object.keys(PLACES))("of hundreds of %s a few are named, and all of them stand behind", (place) => {
  const [page, of] = PLACES[place] ?? expect.unreachable();
  show(page);
  const { atOnce, all } = named(of);
  expect(atOnce).toBeGreaterThan(0);
  expect(atOnce).toBeLessThanOrEqual(24);
  expect(all).toBe(MANY);
});

test("of hundreds of matters on a cluster the pressing ones stand there, and all the others behind", () => {
  const stops = [...many("plan").map((_, at) => stop(at)), stop(MANY, { state: "looking", person: "ann" })];
  show(standing({ stops }));
  const shown = document.querySelectorAll("[role=status], [role=alert], [aria-live]");
  expect(shown[0]?.textContent).toContain("ann");
  expect(screen.getByText("298 more matters on this cluster")).toBeTruthy();
});

test("on the page of a run hundreds of agents are a few and the rest behind", () => {
  const now = {
    ...{ checkedAt: "2026-11-23T03:19:59Z", of: "targets" as const, groups: [], stoppedZones: many("zone"), held: [] },
    ...{ outOfReach: [], notAsked: agents, away: [], there: [], again: [], otherRun: null, silent: [], unheard: [] },
  };
  const run = exampleRun(agents, { now, state: "FAILED", endedAt: "2026-11-23T03:19:00Z" });
  show(
    <RunProvider value={createRunStore(null)}>
      <ServersNow run={run} />
      <Happened run={run} onOpen={nothing} />
    </RunProvider>,
  );
  for (const of of ["agent", "zone"]) {
    expect(named(of).atOnce).toBeLessThanOrEqual(12);
    expect(named(of).all).toBe(MANY);
  }
});
