import { defineRead } from "@/lib/gate/define-read";
import { subRunInput } from "@/lib/gate/inputs";
import { readSubRun } from "@/lib/tasks/read-sub-run";

export const GET = defineRead({
  permission: "cluster.view",
  input: subRunInput,
  run: ({ cluster, run, agent }) => readSubRun(cluster, run, agent),
});
