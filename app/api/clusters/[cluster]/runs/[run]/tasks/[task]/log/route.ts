import { defineRead } from "@/lib/gate/define-read";
import { taskLogInput } from "@/lib/gate/inputs";
import { readTaskLog } from "@/lib/tasks/read-log";

export const GET = defineRead({
  permission: "cluster.view",
  input: taskLogInput,
  run: ({ cluster, run, task, from }) => readTaskLog(cluster, run, task, from),
});
