"use client";

import { useCallback, useEffect, useRef, useState } from "react";
import type { Failure, Result } from "@/lib/errors";
import type { Change, Plan } from "@/lib/lifecycle/schema";
import { isSignedOut, watchSignedOut } from "@/lib/signed-out";
import type { PlanActions } from "./plan-actions";
import { readMethod, readSelection, resetMethod } from "./selection-store";

export type Review =
  | { step: "making" }
  | { step: "empty" }
  | { step: "failed"; failure: Failure }
  | {
      step: "made";
      plan: Plan;
      /** Browser time of the answer; ages count from here. */
      madeAtMs: number;
      /** What had changed when the plan before this one was left. */
      since: Change[];
      /** States of the targets in the plan before this one, by address. */
      before: ReadonlyMap<string, string>;
      forceWasReset: boolean;
    };

/**
 * Makes the plan once when the page opens, and again when asked to. The method lives in memory alone and is dropped when
 * the page is left, so a reload, a link or coming back never carries Force (ux F-2, P5). A plan that is `known`, because a
 * second person was asked about it, is shown as it is.
 */
export function useReview(clusterId: string, makePlan: PlanActions["makePlan"], known?: Plan) {
  const [review, setReview] = useState<Review>(() => (known ? asMade(known) : { step: "making" }));
  const started = useRef(known !== undefined);

  const make = useCallback(
    async (previous: { plan: Plan; changes: Change[] } | null) => {
      const servers = previous ? previous.plan.targets.map((target) => target.address) : [...readSelection(clusterId)];
      if (servers.length === 0) return setReview({ step: "empty" });
      const method = readMethod(clusterId);
      setReview({ step: "making" });
      let answer: Result<Plan>;
      try {
        answer = await makePlan({
          ...{ action: "stop", clusterId, servers, method },
          ...{ releases: [], continues: null, cancels: null },
        });
      } catch {
        answer = { ok: false, failure: { kind: "console-unreachable" } };
      }
      if (!answer.ok) return setReview({ step: "failed", failure: answer.failure });
      setReview({
        step: "made",
        plan: answer.value,
        madeAtMs: Date.now(),
        since: previous?.changes ?? [],
        before: new Map(previous?.plan.targets.map((target) => [target.address, target.state])),
        forceWasReset: previous?.plan.method === "force" && method !== "force",
      });
    },
    [clusterId, makePlan],
  );

  useEffect(() => {
    if (!started.current) {
      started.current = true;
      void Promise.resolve().then(() => make(null));
    }
  }, [make]);
  // Refused only because the session had ended: asked again once somebody signed in.
  const needsSignIn = review.step === "failed" && review.failure.kind === "signed-out";
  useEffect(() => {
    if (!needsSignIn) return;
    return watchSignedOut(() => {
      if (!isSignedOut()) void make(null);
    });
  }, [needsSignIn, make]);
  // A leaving page drops the method; a second run of effects in development must not, so it waits for the next task.
  useEffect(() => {
    const mounted = { current: true };
    return () => {
      mounted.current = false;
      setTimeout(() => {
        if (!mounted.current) resetMethod();
      });
    };
  }, []);

  return { review, make };
}

const asMade = (plan: Plan): Review => ({
  step: "made",
  plan,
  madeAtMs: Date.now(),
  since: [],
  before: new Map(),
  forceWasReset: false,
});
