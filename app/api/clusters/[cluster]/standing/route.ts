import { defineRead } from "@/lib/gate/define-read";
import { clusterInput } from "@/lib/gate/inputs";
import { readStanding } from "@/lib/lifecycle/standing";

export const GET = defineRead({
  permission: "cluster.view",
  input: clusterInput,
  run: ({ cluster }) => readStanding(cluster),
});
