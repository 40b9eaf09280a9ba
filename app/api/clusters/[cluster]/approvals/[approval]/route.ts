import { defineRead } from "@/lib/gate/define-read";
import { approvalInput } from "@/lib/gate/inputs";
import { readApproval } from "@/lib/lifecycle/ask-approval";

export const GET = defineRead({
  permission: "cluster.view",
  input: approvalInput,
  run: ({ cluster, approval }) => readApproval(cluster, approval),
});
