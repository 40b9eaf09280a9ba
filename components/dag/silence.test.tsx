import { cleanup, render } from "@testing-library/react";
import { NextIntlClientProvider } from "next-intl";
import type { ReactNode } from "react";
import { afterEach, expect, test } from "vitest";
import { FailureNote } from "@/components/ui/failure-note";
import { MESSAGES } from "@/lib/i18n/messages";
import type { Run, RunCause } from "@/lib/tasks/schema";
import { exampleRun } from "./example-run";
import { Happened } from "./happened";
import { createRunStore } from "./run-store";
import { useHeadline } from "./use-headline";
import { RunProvider } from "./use-run";

afterEach(cleanup);

const AGENT = "10.0.1.1:2886";

function said(page: ReactNode, locale: "en" | "zh" = "en"): string {
  cleanup();
  render(
    <NextIntlClientProvider locale={locale} messages={MESSAGES[locale]} timeZone="UTC">
      <RunProvider value={createRunStore(null)}>{page}</RunProvider>
    </NextIntlClientProvider>,
  );
  return document.body.textContent ?? "";
}

function Page({ run }: { run: Run }) {
  return (
    <>
      <h1>{useHeadline(run)}</h1>
      <Happened run={run} onOpen={() => undefined} />
    </>
  );
}

/** A run that nobody tells about, and of which no step was ever seen. */
const untold = (cause: RunCause): Run =>
  exampleRun([AGENT, AGENT], {
    ...{ state: "UNKNOWN", stages: [], stage: 0, maxStage: 0 },
    problems: [
      {
        ...{ kind: "agent-unreachable", cause, stage: null, taskId: null, agents: [AGENT] },
        ...{ agentCode: null, agentMessage: "", heldBy: [] },
      },
    ],
  });

const SILENT = { en: /silent|not answer/, zh: /没有应答|无响应|不应答/ };

test.each(["en", "zh"] as const)("only a coordinator that gave no answer is called silent, in %s", (locale) => {
  expect(said(<Page run={untold("coordinator-silent")} />, locale)).toMatch(SILENT[locale]);
  expect(said(<Page run={untold("run-forgotten")} />, locale)).not.toMatch(SILENT[locale]);
  expect(said(<Page run={untold("coordinator-untold")} />, locale)).not.toMatch(SILENT[locale]);
});

test.each([
  ["silent", "It may live on 10.0.1.1:2886, which was asked and did not answer."],
  ["forgotten", "It would live on 10.0.1.1:2886, which answered and does not know it."],
  ["untold", "It would live on 10.0.1.1:2886, which answered and did not tell."],
  ["stranger", "It names no agent of this cluster, so nobody was asked."],
] as const)("of an unknown run it is said who was asked: %s", (why, sentence) => {
  const failure = { kind: "run-unknown" as const, params: { id: "7", address: AGENT, why } };
  const text = said(<FailureNote failure={failure} />);
  expect(text).toContain(sentence);
  expect(/did not answer/.test(text)).toBe(why === "silent");
});
