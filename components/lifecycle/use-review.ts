"use client";

import { useCallback, useEffect, useRef, useState } from "react";
import type { Failure, Result } from "@/lib/errors";
import type { Change, Plan, PlanRequest } from "@/lib/lifecycle/schema";
import { isSignedOut, watchSignedOut } from "@/lib/signed-out";
import type { PlanActions } from "./plan-actions";
import { requestAgain, requestOf, withReleases } from "./plan-requests";
import { resetMethod } from "./selection-store";

export type Review =
  | { step: "making" }
  | { step: "empty" }
  | { step: "failed"; request: PlanRequest; failure: Failure }
  | {
      step: "made";
      plan: Plan;
      request: PlanRequest;
      /** Browser time of the answer; ages count from here. */
      madeAtMs: number;
      /** What had changed when the plan before this one was left. */
      since: Change[];
      /** States of the targets in the plan before this one, by address. */
      before: ReadonlyMap<string, string>;
      forceWasReset: boolean;
      /** Another choice of what is released is on its way, and this plan still stands. */
      choosing: readonly string[] | null;
      /** That choice came to nothing. */
      failure: Failure | null;
    };

type Made = Extract<Review, { step: "made" }>;

/**
 * Makes the plan once when the page opens, and again when asked to. What is asked for lives in memory alone, and the
 * method is dropped when the page is left, so a reload, a link or coming back never carries Force (ux F-2, P5). A plan
 * that is `known`, because a second person was asked about it, is shown as it is.
 */
export function useReview(
  clusterId: string,
  makePlan: PlanActions["makePlan"],
  { ask, known }: { ask: () => PlanRequest | null; known?: Plan },
) {
  const [review, setReview] = useState<Review>(() =>
    known ? asMade(known, requestOf(known), null) : { step: "making" },
  );
  const started = useRef(known !== undefined);

  const make = useCallback(
    async (request: PlanRequest, previous: { plan: Plan; changes: Change[] } | null) => {
      setReview({ step: "making" });
      const answer = await tryMake(makePlan, request);
      setReview(
        answer.ok
          ? asMade(answer.value, request, previous)
          : { step: "failed", request: requestAgain(request), failure: answer.failure },
      );
    },
    [makePlan],
  );

  /** Reviews the same again; with a plan in hand also what has changed since. */
  const again = useCallback(
    (request: PlanRequest, previous: { plan: Plan; changes: Change[] } | null) =>
      void make(requestAgain(request), previous),
    [make],
  );

  /** A plan of its own for another choice of leftovers; the one that stands stays until it is there. */
  const choose = useCallback(
    async (made: Made, releases: string[]) => {
      setReview({ ...made, choosing: releases, failure: null });
      const request = withReleases(requestAgain(made.request), releases);
      const answer = await tryMake(makePlan, request);
      setReview(
        answer.ok
          ? { ...asMade(answer.value, request, null), before: made.before }
          : { ...made, choosing: null, failure: answer.failure },
      );
    },
    [makePlan],
  );

  useEffect(() => {
    if (started.current) return;
    started.current = true;
    void Promise.resolve().then(() => {
      const request = ask();
      if (request) return make(request, null);
      setReview({ step: "empty" });
    });
  }, [ask, make]);
  // Refused only because the session had ended: asked again once somebody signed in.
  const unsigned = review.step === "failed" && review.failure.kind === "signed-out" ? review.request : null;
  useEffect(() => {
    if (!unsigned) return;
    return watchSignedOut(() => {
      if (!isSignedOut()) again(unsigned, null);
    });
  }, [unsigned, again]);
  // A leaving page drops the method; a second run of effects in development must not, so who comes back within the task
  // has not left.
  const shown = useRef<string | null>(null);
  useEffect(() => {
    shown.current = clusterId;
    return () => {
      shown.current = null;
      setTimeout(() => {
        if (shown.current !== clusterId) resetMethod();
      });
    };
  }, [clusterId]);

  return { review, again, choose };
}

async function tryMake(makePlan: PlanActions["makePlan"], request: PlanRequest): Promise<Result<Plan>> {
  try {
    return await makePlan(request);
  } catch {
    return { ok: false, failure: { kind: "console-unreachable" } };
  }
}

const asMade = (plan: Plan, request: PlanRequest, previous: { plan: Plan; changes: Change[] } | null): Made => ({
  step: "made",
  plan,
  request,
  madeAtMs: Date.now(),
  since: previous?.changes ?? [],
  before: new Map(previous?.plan.targets.map((target) => [target.address, target.state])),
  forceWasReset: previous?.plan.method === "force" && plan.method !== "force",
  choosing: null,
  failure: null,
});
