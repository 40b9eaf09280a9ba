"use client";

import { useEffect, useRef, useState } from "react";
import type { ConnectionTest, TestStep } from "@/lib/clusters/schema";
import type { Failure, Result } from "@/lib/errors";
import { getJson } from "@/lib/get-json";

const POLL_MS = 400;

/** Runs a test and shows each step as soon as it is known; the action's own answer has the last word. */
export function useConnectionTest(run: (testId: string) => Promise<Result<TestStep[]>>) {
  const [steps, setSteps] = useState<TestStep[]>([]);
  const [isGoing, setGoing] = useState(false);
  const [failure, setFailure] = useState<Failure | null>(null);
  const timer = useRef<ReturnType<typeof setInterval> | null>(null);
  const endPolling = () => {
    if (timer.current) clearInterval(timer.current);
    timer.current = null;
  };
  useEffect(() => endPolling, []);

  const start = async () => {
    const testId = crypto.randomUUID();
    setGoing(true);
    setFailure(null);
    setSteps([]);
    timer.current = setInterval(() => {
      getJson<ConnectionTest>(`/api/clusters/tests/${testId}`)
        .then(({ steps: known }) => {
          if (timer.current && known.length > 0) setSteps(known);
        })
        .catch(() => undefined); // the action itself will tell
    }, POLL_MS);
    try {
      const answer = await run(testId);
      endPolling();
      if (answer.ok) setSteps(answer.value);
      else setFailure(answer.failure);
    } catch {
      setFailure({ kind: "console-unreachable" });
    } finally {
      endPolling();
      setGoing(false);
    }
  };
  return { steps, isGoing, failure, start };
}
