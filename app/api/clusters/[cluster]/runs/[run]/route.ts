import { defineRead } from "@/lib/gate/define-read";
import { runInput } from "@/lib/gate/inputs";
import { readRun } from "@/lib/tasks/read-run";

export const GET = defineRead({
  permission: "cluster.view",
  input: runInput,
  run: ({ cluster, run, since, look }) => readRun(cluster, run, { since, look: look !== undefined }),
});
