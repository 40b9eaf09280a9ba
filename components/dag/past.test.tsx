import { cleanup, render } from "@testing-library/react";
import { NextIntlClientProvider } from "next-intl";
import { afterEach, expect, test } from "vitest";
import { MESSAGES } from "@/lib/i18n/messages";
import type { Run, ServersNow as Now } from "@/lib/tasks/schema";
import { exampleOutcome, exampleRun } from "./example-run";
import { Happened } from "./happened";
import { headlineOf } from "./headline";
import { createRunStore } from "./run-store";
import { ServersNow } from "./servers-now";
import { useHeadline } from "./use-headline";
import { RunProvider } from "./use-run";
import { WaysOn } from "./ways-on";

afterEach(cleanup);

const [SERVER, LAST] = ["10.0.1.1:2886", "10.0.2.1:2886"] as const;

const seen = (state: Now["groups"][number]["state"], change: Partial<Now> = {}): Now => ({
  ...{ checkedAt: "2026-11-23T03:20:00Z", of: "targets", groups: [{ state, servers: [SERVER] }], stoppedZones: [] },
  ...{
    held: [],
    outOfReach: [],
    notAsked: [],
    silent: [],
    unheard: [],
    away: [],
    there: [],
    again: [],
    otherRun: null,
  },
  ...change,
});

const over = (change: Partial<Run>): Run =>
  exampleRun([SERVER, LAST], {
    ...{ state: "SUCCEEDED", endedAt: "2026-11-23T03:11:50Z", consoleNowMs: Date.parse("2026-11-23T03:20:00Z") },
    outcome: exampleOutcome({ state: "reached", stopped: 1, total: 1, checkedAt: "2026-11-23T03:12:00Z" }),
    ...change,
  });

function Page({ run }: { run: Run }) {
  return (
    <>
      <h1>{useHeadline(run)}</h1>
      <Happened run={run} onOpen={() => undefined} />
      <ServersNow run={run} />
      <WaysOn run={run} onLook={() => undefined} />
    </>
  );
}

function said(run: Run, locale: "en" | "zh" = "en"): string {
  cleanup();
  render(
    <NextIntlClientProvider locale={locale} messages={MESSAGES[locale]} timeZone="UTC">
      <RunProvider value={createRunStore(null)}>
        <Page run={run} />
      </RunProvider>
    </NextIntlClientProvider>,
  );
  return document.body.textContent ?? "";
}

test("a server that was stopped and runs again was stopped at that time, and nothing says that it is", () => {
  const revived = over({ now: seen("SERVING", { away: [SERVER] }) });
  const text = said(revived);
  expect(text).toContain("1 of 1 was stopped at 03:12:00; 1 runs again");
  expect(text).toContain(`Not so any more: ${SERVER} runs again.`);
  expect(text).not.toMatch(/1 of 1 stopped|the servers are where the run wanted them/);
  expect(headlineOf(revived).mark).toBe("warning");
  expect(text).toContain("it would do so after another stop as well");
  expect(text).not.toContain("Nothing remains to be done");
  const chinese = said(revived, "zh");
  expect(chinese).toContain("03:12:00 时 1 台中 1 台停止了；现有 1 台又在运行");
  expect(chinese).not.toMatch(/1 台已停止|均已达到目标状态/);
});

test("what still is as it was judged is told as it is", () => {
  const text = said(over({ now: seen("PROCESS_STOPPED") }));
  expect(text).toContain("1 of 1 stopped");
  expect(headlineOf(over({ now: seen("PROCESS_STOPPED") }))).toEqual({ mark: "done", key: "reached" });
});

test("a started server that has fallen again was serving at that time", () => {
  const outcome = exampleOutcome({
    ...{ state: "reached", wanted: "SERVING", stopped: 1, total: 1, checkedAt: "2026-11-23T03:12:00Z" },
  });
  const text = said(over({ kind: "start", method: null, outcome, now: seen("PROCESS_STOPPED", { away: [SERVER] }) }));
  expect(text).toContain("1 of 1 was serving at 03:12:00; 1 does not serve any more");
  expect(text).toContain(`${SERVER} is not serving.`);
});

test("a zone whose service was stopped and that serves again was stopped at that time", () => {
  const outcome = exampleOutcome({
    ...{ state: "reached", wanted: "SERVICE_STOPPED", stopped: 1, total: 1, checkedAt: "2026-11-23T03:12:00Z" },
  });
  expect(said(over({ method: "stop", outcome, now: seen("SERVING", { away: [SERVER] }) }))).toContain(
    "1 of 1 had stopped serving at 03:12:00; 1 serves again",
  );
});

test("of another day it is told with its day", () => {
  const later = over({
    now: seen("SERVING", { away: [SERVER] }),
    consoleNowMs: Date.parse("2026-11-24T09:00:00Z"),
  });
  expect(said(later)).toContain("was stopped at Nov 23, 2026, 03:12");
});

test("a start from here takes a stop back, and is no surprise", () => {
  const followUps = [{ action: "start" as const, runId: "2", by: "li.wei", at: "2026-11-23T03:15:00Z" }];
  expect(headlineOf(over({ followUps, now: seen("SERVING", { away: [SERVER] }) })).mark).toBe("info");
});

test("what failed then and is done now is told with its time too", () => {
  const outcome = exampleOutcome({
    ...{ state: "missed", failed: 1, total: 1, missed: [SERVER], checkedAt: "2026-11-23T03:12:00Z" },
  });
  const text = said(over({ outcome, now: seen("PROCESS_STOPPED", { there: [SERVER] }) }));
  expect(text).toContain("At 03:12:00: 0 stopped, 1 failed, 0 not reported. Changed since");
});

test("a killed server that was started at once is told as started again, with its time", () => {
  const outcome = exampleOutcome({ state: "missed", again: 1, total: 1, missed: [SERVER] });
  const again = [{ server: SERVER, at: "2026-11-23T03:11:52Z" }];
  const text = said(over({ outcome, now: seen("SERVING", { again }) }));
  expect(text).toContain("0 stopped, 0 failed, 1 started again, 0 not reported");
  expect(text).toContain(`Started again after this run began: ${SERVER}, at 03:11:52.`);
});
