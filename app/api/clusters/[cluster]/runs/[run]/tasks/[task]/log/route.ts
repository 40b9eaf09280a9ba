import { defineRead } from "@/lib/gate/define-read";
import { taskLogInput } from "@/lib/gate/inputs";
import { readTaskLog, readWholeLog } from "@/lib/tasks/read-log";

/** Lines of a task's log, or with `whole` all of them as a file (ux D-19). */
export const GET = defineRead({
  permission: "cluster.view",
  input: taskLogInput,
  run: async ({ cluster, run, task, whole, ...span }) => {
    if (whole === undefined) return readTaskLog(cluster, run, task, span);
    return new Response(await readWholeLog(cluster, run, task), {
      headers: {
        "content-type": "text/plain; charset=utf-8",
        "content-disposition": `attachment; filename="run-${run}-task-${task}.log"`,
        "cache-control": "no-store",
        "x-content-type-options": "nosniff",
      },
    });
  },
});
