import { defineRead } from "@/lib/gate/define-read";
import { clusterInput } from "@/lib/gate/inputs";
import { listRuns } from "@/lib/tasks/list-runs";

export const GET = defineRead({
  permission: "cluster.view",
  input: clusterInput,
  run: ({ cluster }) => listRuns(cluster),
});
