"use server";

import { addCluster } from "@/lib/clusters/save-cluster";
import { describeTest, describeUnsaved } from "@/lib/clusters/describe";
import { newClusterSchema, newTestSchema } from "@/lib/clusters/schema";
import { testConnection } from "@/lib/clusters/test-connection";
import { typedCredentials } from "@/lib/clusters/typed-credentials";
import { defineAction } from "@/lib/gate/define-action";

export const addNewCluster = defineAction({
  permission: "cluster.add",
  input: newClusterSchema,
  // The end is written with it.
  audit: { open: (draft) => describeUnsaved("cluster.add", draft), close: () => null },
  run: (draft, { person, tell }) => addCluster(draft, person.name, tell("accepted")),
});

export const testNewCluster = defineAction({
  permission: "cluster.add",
  input: newTestSchema,
  audit: { open: (draft) => describeUnsaved("cluster.test", draft), close: describeTest },
  run: async (draft, { person }) =>
    testConnection(
      { clusterId: null, agents: draft.agents, credentials: await typedCredentials(draft, null) },
      { testId: draft.testId, personId: person.id },
    ),
});
