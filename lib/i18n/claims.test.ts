import { expect, test } from "vitest";
import { MESSAGES } from "./messages";

/** What the console says of runs, requests and answers. What servers did or do is told by the servers alone. */
const OF_RUNS: Record<string, readonly string[]> = {
  run: ["cause", "situation", "offer"],
  plan: ["send", "after", "does"],
  audit: ["end", "timeline", "gap"],
  errors: [
    ...["request-refused", "target-unknown", "target-agentless", "agent-not-in-cluster", "global-needs-mode"],
    ...["mode-conflict", "force-required", "other-zone-stopped", "majority-lost", "cluster-not-initialized"],
    ...["task-create-failed", "agents-not-ready", "agents-not-done", "agent-refused", "flush-timeout", "run-unknown"],
  ],
};

const CLAIMS = {
  en: /nothing (was|is|will be) (stopped|started|changed)|no server (is|was)|stays? (stopped|started)|(servers?|processes?\}*) (of \{agents\} )?((were|was) )?started|did (its|their) part|changes no server/i,
  zh: /[没未不](有|会|曾)?(停止|启动|改动|改变|更改)(任何|了)|(没有|未作|未做)任何(改动|改变|更改)|保持(停止|启动)|(服务器|进程)(均|都)?已(启动|停止)|所有服务器都已/,
};

/** A message, or all messages below it, with their keys. */
const textsIn = (message: unknown, key: string): [key: string, text: string][] =>
  typeof message === "string"
    ? [[key, message]]
    : Object.entries(message as object).flatMap(([name, below]) => textsIn(below, `${key}.${name}`));

test.each(["en", "zh"] as const)("no text about a run or a request claims what servers did, in %s", (language) => {
  const texts = Object.entries(OF_RUNS).flatMap(([file, keys]) => {
    const messages: Record<string, unknown> = MESSAGES[language][file as "run" | "plan" | "audit" | "errors"];
    return keys.flatMap((key) => textsIn(messages[key] ?? expect.unreachable(`no ${file}.${key}`), `${file}.${key}`));
  });
  expect(texts.length).toBeGreaterThan(100);
  // "Where the run wanted them" is the comparison with the servers itself.
  const claims = texts.filter(([key, text]) => CLAIMS[language].test(text) && !/\.(reached|missed)(Then)?$/.test(key));
  expect(claims).toEqual([]);
});
