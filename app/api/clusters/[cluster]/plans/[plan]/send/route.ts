import { defineRead } from "@/lib/gate/define-read";
import { planInput } from "@/lib/gate/inputs";
import { readSend } from "@/lib/lifecycle/execute";

export const GET = defineRead({
  permission: "cluster.view",
  input: planInput,
  run: async ({ cluster, plan }) => readSend(cluster, plan),
});
