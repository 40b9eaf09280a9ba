import { z } from "zod";
import { readChainState } from "@/lib/audit/chain-state";
import type { ChainState } from "@/lib/audit/schema";
import { defineRead } from "@/lib/gate/define-read";

/** Whether the chain holds, for whoever may see the entries of the named cluster, or of all. */
export const GET = defineRead({
  input: z.object({ cluster: z.string().min(1).max(64).optional(), whole: z.literal("1").optional() }),
  permission: "cluster.view",
  run: ({ whole }): Promise<ChainState> => readChainState(whole !== undefined),
});
