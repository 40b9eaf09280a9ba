"use server";

import { defineAction } from "@/lib/gate/define-action";
import { describeAttempt } from "@/lib/lifecycle/describe";
import { confirmStop as sendStop } from "@/lib/lifecycle/execute";
import { makePlan as planStop, readPlan } from "@/lib/lifecycle/plans";
import { trustCoordinatorKey } from "@/lib/lifecycle/trust-key";
import { confirmationSchema, planRefSchema, stopRequestSchema } from "@/lib/lifecycle/schema";

export const makePlan = defineAction({ input: stopRequestSchema, run: planStop });

export const confirmStop = defineAction({
  input: confirmationSchema,
  audit: {
    open: (confirmation) => describeAttempt("cluster.stop", confirmation),
    close: (send) =>
      send.state === "accepted" ? { event: "accepted", outcome: { runId: send.runId } } : { event: "unknown" },
  },
  run: sendStop,
});

export const cancelPlan = defineAction({
  input: planRefSchema,
  audit: { open: (plan) => describeAttempt("plan.cancel", plan), close: () => ({ event: "cancelled" }) },
  run: () => Promise.resolve(null),
});

export const checkOnly = defineAction({
  input: planRefSchema,
  audit: { open: (plan) => describeAttempt("plan.check", plan), close: () => ({ event: "checked" }) },
  run: ({ clusterId, planId }) => readPlan(clusterId, planId),
});

export const trustAgentKey = defineAction({
  input: planRefSchema,
  audit: { open: (plan) => describeAttempt("agent.trust-key", plan), close: () => ({ event: "checked" }) },
  run: ({ clusterId, planId }) => trustCoordinatorKey(clusterId, planId),
});
