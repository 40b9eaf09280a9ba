"use server";

import { defineAction } from "@/lib/gate/define-action";
import { describeAttempt } from "@/lib/lifecycle/describe";
import { confirmStop as sendStop } from "@/lib/lifecycle/execute";
import { makePlan as planStop, readPlan } from "@/lib/lifecycle/plans";
import { trustCoordinatorKey } from "@/lib/lifecycle/trust-key";
import { confirmationSchema, planRefSchema, stopRequestSchema } from "@/lib/lifecycle/schema";

export const makePlan = defineAction({
  permission: "cluster.stop",
  cluster: ({ clusterId }) => clusterId,
  input: stopRequestSchema,
  run: (request, { person }) => planStop(request, person),
});

export const confirmStop = defineAction({
  permission: "cluster.stop",
  cluster: ({ clusterId }) => clusterId,
  input: confirmationSchema,
  run: sendStop,
  // What became of it is written together with the intent.
  audit: { open: (confirmation) => describeAttempt("cluster.stop", confirmation), close: () => null },
});

export const cancelPlan = defineAction({
  permission: "cluster.stop",
  cluster: ({ clusterId }) => clusterId,
  input: planRefSchema,
  audit: { open: (plan) => describeAttempt("plan.cancel", plan), close: () => ({ event: "cancelled" }) },
  run: () => Promise.resolve(null),
});

export const checkOnly = defineAction({
  permission: "cluster.stop",
  cluster: ({ clusterId }) => clusterId,
  input: planRefSchema,
  audit: { open: (plan) => describeAttempt("plan.check", plan), close: () => ({ event: "checked" }) },
  run: ({ clusterId, planId }) => readPlan(clusterId, planId),
});

export const trustAgentKey = defineAction({
  permission: "agent.trust-key",
  cluster: ({ clusterId }) => clusterId,
  input: planRefSchema,
  audit: { open: (plan) => describeAttempt("agent.trust-key", plan), close: () => ({ event: "checked" }) },
  run: ({ clusterId, planId }, { person }) => trustCoordinatorKey(clusterId, planId, person.name),
});
