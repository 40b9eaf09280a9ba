import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { cleanup, render, screen } from "@testing-library/react";
import { NextIntlClientProvider } from "next-intl";
import { afterEach, expect, test, vi } from "vitest";
import { MESSAGES } from "@/lib/i18n/messages";
import type { Run, SubRun } from "@/lib/tasks/schema";
import { exampleRun } from "./example-run";
import { SubRunSection } from "./sub-run-section";

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

const AGENT = "10.0.1.1:2886";
const ended = { state: "CANCELLED", endedAt: "2026-11-23T03:01:00Z", settled: true } as const;

const part = (change: Partial<SubRun>): SubRun => ({
  ...{ id: "7", agent: AGENT, state: "RUNNING", operator: "RUN", waitsForCoordinator: false, isLeft: false },
  ...{ stage: 1, maxStage: 3, steps: [] },
  ...change,
});

/** What the console answers from now on; null: its agent does not answer. */
function answer(with_: SubRun | null): void {
  const failure = { failure: { kind: "agent-unreachable", params: { address: AGENT } } };
  vi.stubGlobal(
    "fetch",
    vi.fn(() => Promise.resolve(with_ ? Response.json(with_) : Response.json(failure, { status: 502 }))),
  );
}

const client = () => new QueryClient({ defaultOptions: { queries: { retry: false } } });
const page = (run: Run, queries: QueryClient) => (
  <NextIntlClientProvider locale="en" messages={MESSAGES.en} timeZone="UTC">
    <QueryClientProvider client={queries}>
      <SubRunSection run={run} agent={AGENT} />
    </QueryClientProvider>
  </NextIntlClientProvider>
);

async function open(run: Run, queries = client()) {
  const { rerender } = render(page(run, queries));
  const details = document.querySelector("details");
  if (details) details.open = true;
  await screen.findByText(/^step /);
  return (next: Run) => rerender(page(next, queries));
}

test("a server's own run is read once more when its run has ended: what was seen before does not stay", async () => {
  answer(part({}));
  const change = await open(exampleRun([AGENT, AGENT]));
  expect(screen.getByText("Running")).toBeTruthy();
  answer(part({ state: "FAILED", isLeft: true }));
  change(exampleRun([AGENT, AGENT], ended));
  expect(await screen.findByText(/Waits for a run that is over/)).toBeTruthy();
  expect(screen.queryByText("Running")).toBeNull();
});

test("a server's own run that cannot be read any more is told with its time", async () => {
  answer(part({}));
  const change = await open(exampleRun([AGENT, AGENT]));
  answer(null);
  change(exampleRun([AGENT, AGENT], { endedAt: "2026-11-23T03:01:00Z" }));
  expect(await screen.findByText(/does not answer|cannot be reached|Cannot be read now/)).toBeTruthy();
});

test.each([
  ["cancelled", part({ state: "FAILED", operator: "CANCEL" }), "Cancelled"],
  ["left waiting by a cancelled run", part({ state: "FAILED", isLeft: true }), /Waits for a run that is over/],
  ["failed", part({ state: "FAILED" }), "Failed"],
] as const)("a server's own run that was %s says so", async (_how, told, said) => {
  answer(told);
  await open(exampleRun([AGENT, AGENT], ended));
  expect(await screen.findByText(said)).toBeTruthy();
});
