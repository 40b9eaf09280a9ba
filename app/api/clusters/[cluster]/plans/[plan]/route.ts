import { defineRead } from "@/lib/gate/define-read";
import { planInput } from "@/lib/gate/inputs";
import { readPlan } from "@/lib/lifecycle/plans";

export const GET = defineRead({
  permission: "cluster.view",
  input: planInput,
  run: ({ cluster, plan }) => readPlan(cluster, plan),
});
