import { readOverview } from "@/lib/clusters/overview";
import { defineRead } from "@/lib/gate/define-read";
import { noInput } from "@/lib/gate/inputs";
import { visibleClusters } from "@/lib/gate/page";

export const GET = defineRead({
  input: noInput,
  permission: null, // the answer holds the clusters that the person may see
  run: (_input, { person }) => readOverview(visibleClusters(person)),
});
