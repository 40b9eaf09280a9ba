import { readTopology } from "@/lib/clusters/topology";
import type { TopologyAnswer } from "@/lib/clusters/schema";
import { defineRead } from "@/lib/gate/define-read";
import { clusterInput } from "@/lib/gate/inputs";

export const GET = defineRead({
  permission: "cluster.view",
  input: clusterInput,
  run: async ({ cluster, since }): Promise<TopologyAnswer> => {
    const topology = await readTopology(cluster);
    const { version, ageMs, readAt } = topology;
    return since === version ? { unchanged: true, version, ageMs, readAt } : { unchanged: false, topology };
  },
});
