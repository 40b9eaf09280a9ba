"use server";

import { acceptKeys } from "@/lib/clusters/agent-keys";
import { describeCluster, describeTest } from "@/lib/clusters/describe";
import { findCluster } from "@/lib/clusters/registry";
import { changeCluster, describeChange, removeCluster } from "@/lib/clusters/save-cluster";
import { acceptedKeysSchema, changedClusterSchema, removedClusterSchema, savedTestSchema } from "@/lib/clusters/schema";
import { testConnection } from "@/lib/clusters/test-connection";
import { typedCredentials } from "@/lib/clusters/typed-credentials";
import { defineAction } from "@/lib/gate/define-action";

export const changeSavedCluster = defineAction({
  permission: "cluster.change",
  cluster: ({ clusterId }) => clusterId,
  input: changedClusterSchema,
  audit: {
    open: (draft) => describeCluster("cluster.change", draft.clusterId, { text: describeChange(draft) }),
    close: () => null, // written with it
  },
  run: (draft, { person, tell }) => changeCluster(draft, person.name, tell("accepted")),
});

export const removeSavedCluster = defineAction({
  permission: "cluster.change",
  cluster: ({ clusterId }) => clusterId,
  input: removedClusterSchema,
  audit: {
    open: ({ clusterId }) => describeCluster("cluster.remove", clusterId),
    close: () => null, // written with the removal itself
  },
  run: removeCluster,
});

export const testSavedCluster = defineAction({
  permission: "cluster.change",
  cluster: ({ clusterId }) => clusterId,
  input: savedTestSchema,
  audit: {
    open: ({ clusterId, agents }) => describeCluster("cluster.test", clusterId, { targets: agents }),
    close: describeTest,
  },
  run: async (draft, { person }) =>
    testConnection(
      { ...draft, credentials: await typedCredentials(draft, findCluster(draft.clusterId)) },
      { testId: draft.testId, personId: person.id },
    ),
});

export const acceptAgentKeys = defineAction({
  permission: "agent.trust-key",
  cluster: ({ clusterId }) => clusterId,
  input: acceptedKeysSchema,
  audit: {
    open: ({ clusterId, keys }) =>
      describeCluster("agent.trust-key", clusterId, {
        targets: keys.map(({ address }) => address),
        text: keys.map(({ address, fingerprint }) => `${address} ${fingerprint.slice(0, 16)}`).join(", "),
      }),
    close: () => null, // written with it
  },
  run: (accepted, { person, tell }) => acceptKeys(accepted, person.name, tell("accepted")),
});
