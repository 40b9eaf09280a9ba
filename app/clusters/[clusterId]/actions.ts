"use server";

import { headers } from "next/headers";
import { provePerson } from "@/lib/auth/prove";
import { defineAction } from "@/lib/gate/define-action";
import { decideApproval as decide, requestApproval as askApproval } from "@/lib/lifecycle/ask-approval";
import { cancelPlan as letBe } from "@/lib/lifecycle/cancel-plan";
import { closeIntent as endIntent } from "@/lib/lifecycle/close-intent";
import { describeAttempt, describeDecision } from "@/lib/lifecycle/describe";
import { confirmPlan as sendPlan } from "@/lib/lifecycle/execute";
import { makePlan as reviewPlan, readPlan } from "@/lib/lifecycle/plans";
import { trustCoordinatorKey } from "@/lib/lifecycle/trust-key";
import {
  approvalRequestSchema,
  closingSchema,
  confirmationSchema,
  decisionSchema,
  givingUpSchema,
  planRefSchema,
  proofSchema,
  planRequestSchema,
} from "@/lib/lifecycle/schema";

export const makePlan = defineAction({
  permission: "cluster.stop",
  cluster: ({ clusterId }) => clusterId,
  input: planRequestSchema,
  run: (request, { person }) => reviewPlan(request, person),
});

export const confirmPlan = defineAction({
  permission: "cluster.stop",
  cluster: ({ clusterId }) => clusterId,
  input: confirmationSchema,
  run: sendPlan,
  // What became of it is written together with the intent.
  audit: { open: (confirmation) => describeAttempt(null, confirmation), close: () => null },
});

export const cancelPlan = defineAction({
  permission: "cluster.stop",
  cluster: ({ clusterId }) => clusterId,
  input: givingUpSchema,
  audit: { open: (plan) => describeAttempt("plan.cancel", plan), close: () => ({ event: "cancelled" }) },
  run: (plan, { person }) => letBe(plan, person),
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
  // The end is written with the key.
  audit: { open: (plan) => describeAttempt("agent.trust-key", plan), close: () => null },
  run: ({ clusterId, planId }, { person, tell }) =>
    trustCoordinatorKey(clusterId, planId, person.name, tell("checked")),
});

/** Step-up before a critical action: whoever is signed in shows once more who they are. */
export const proveAgain = defineAction({
  permission: "cluster.stop",
  cluster: ({ clusterId }) => clusterId,
  input: proofSchema,
  run: async ({ proof }) => {
    await provePerson(await headers(), proof);
    return null;
  },
});

export const requestApproval = defineAction({
  permission: "cluster.stop",
  cluster: ({ clusterId }) => clusterId,
  input: approvalRequestSchema,
  // One that was asked for before has no line of this entry: then the gate writes its end.
  audit: { open: (asked) => describeAttempt("approval.request", asked), close: () => ({ event: "requested" }) },
  run: (asked, { person, tell }) => askApproval(asked, person, tell("requested")),
});

export const decideApproval = defineAction({
  permission: "plan.approve",
  cluster: ({ clusterId }) => clusterId,
  input: decisionSchema,
  // The word is written together with the decision.
  audit: { open: describeDecision, close: () => null },
  run: decide,
});

export const closeIntent = defineAction({
  permission: "intent.close",
  cluster: ({ clusterId }) => clusterId,
  input: closingSchema,
  audit: { open: (closing) => describeAttempt("intent.close", closing), close: () => null },
  run: (closing, { person, tell }) => endIntent(closing, person, tell("closed")),
});
