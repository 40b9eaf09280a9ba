import { expect, test } from "vitest";
import type { Run } from "@/lib/tasks/schema";
import { findingsOf } from "./diagnosis";

const problem = (
  cause: Run["problems"][number]["cause"],
  agents: string[],
  agentMessage: string,
): Run["problems"][number] => ({
  ...{ kind: "other", cause, stage: 2, taskId: null, agents },
  ...{ agentCode: null, agentMessage, heldBy: [] },
});

test("that agents were left out is not said twice: who says why keeps the engine's words of both (ux D-17)", () => {
  const found = findingsOf([problem("not-created", ["a", "b"], "sum"), problem("agent-silent", ["a", "b"], "why")]);
  expect(found.map(({ cause, engine }) => [cause, engine])).toEqual([["agent-silent", ["why", "sum"]]]);
});

test("the words of a sum stand below the reason that is about its agents, not below any other", () => {
  const other = problem("clock-behind", ["b"], "other");
  const found = findingsOf([other, problem("not-created", ["a"], "sum"), problem("agent-silent", ["a"], "why")]);
  expect(found.map(({ cause, engine }) => [cause, engine])).toEqual([
    ["clock-behind", ["other"]],
    ["agent-silent", ["why", "sum"]],
  ]);
});

test("an agent that nobody explains keeps the sum", () => {
  const found = findingsOf([problem("not-done", ["a", "b"], "sum"), problem("kill-failed", ["a"], "why")]);
  expect(found.map(({ cause }) => cause)).toEqual(["not-done", "kill-failed"]);
});
