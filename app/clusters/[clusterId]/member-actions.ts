"use server";

import { setMemberAside as setAside, takeMemberBack as takeBack } from "@/lib/clusters/aside-members";
import { describeCluster } from "@/lib/clusters/describe";
import { settingAsideSchema, takingBackSchema } from "@/lib/clusters/schema";
import { defineAction } from "@/lib/gate/define-action";

export const setMemberAside = defineAction({
  permission: "member.set-aside",
  cluster: ({ clusterId }) => clusterId,
  input: settingAsideSchema,
  audit: {
    open: ({ clusterId, server, reason }) =>
      describeCluster("member.set-aside", clusterId, { targets: [server], reason }),
    close: () => null, // written with it
  },
  run: setAside,
});

export const takeMemberBack = defineAction({
  permission: "member.take-back",
  cluster: ({ clusterId }) => clusterId,
  input: takingBackSchema,
  audit: {
    open: ({ clusterId, server }) => describeCluster("member.take-back", clusterId, { targets: [server] }),
    close: () => null, // written with it
  },
  run: takeBack,
});
