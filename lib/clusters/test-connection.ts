import "server-only";
import { isAppError } from "../errors";
import { createTransport } from "../obshell/transport";
import { singleton } from "../singleton";
import type { Credentials } from "./registry";
import type { ConnectionTest, TestStep } from "./schema";
import { failedWith, STEPS, type TestState } from "./test-steps";

const KEEP_MS = 10 * 60_000;

interface Kept extends ConnectionTest {
  personId: string;
}

/** Tests of this process that are going or were a moment ago, by the id that the browser made up. */
const tests = () => singleton("clusters.tests", () => new Map<string, Kept>());

/** How far a test is; null when this process does not know it, or it is somebody else's. */
export function findTest(testId: string, personId: string): ConnectionTest | null {
  const test = tests().get(testId);
  return test?.personId === personId ? { steps: test.steps, isOver: test.isOver } : null;
}

/**
 * Goes through the steps one by one, each to be seen by `findTest` as soon as it is known. One request carries the
 * password. Nothing is remembered: neither the values nor the agent's key.
 */
export async function testConnection(
  what: { clusterId: string | null; agents: readonly string[]; credentials: Credentials },
  { testId, personId }: { testId: string; personId: string },
): Promise<TestStep[]> {
  const waiting: Omit<TestStep, "id"> = { state: "waiting", said: null, failure: null, params: {}, items: [] };
  const test: Kept = { steps: STEPS.map(({ id }) => ({ id, ...waiting })), isOver: false, personId };
  tests().set(testId, test);
  setTimeout(() => tests().delete(testId), KEEP_MS).unref();
  const put = (at: number, step: Partial<TestStep>) =>
    (test.steps = test.steps.map((before, index) => (index === at ? { ...before, ...step } : before)));

  const transport = createTransport({ tls: what.credentials.tls });
  const nothing = { reached: [], agent: null, info: null, publicKey: null, members: [] };
  const state: TestState = { ...what, transport, ...nothing };
  try {
    let isOpen = true;
    for (const [at, { run, goesOn }] of STEPS.entries()) {
      if (!isOpen) {
        put(at, { state: "skipped" });
        continue;
      }
      put(at, { state: "running" });
      const found = await run(state).catch((error: unknown) => {
        if (!isAppError(error)) throw error;
        return failedWith(error);
      });
      put(at, found);
      isOpen = found.state !== "failed" || goesOn === true;
    }
    return test.steps;
  } finally {
    test.isOver = true;
    await transport.close().catch(() => undefined);
  }
}
