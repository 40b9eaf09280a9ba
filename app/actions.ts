"use server";

import { z } from "zod";
import { acknowledgeRestored } from "@/lib/audit/restored";
import { defineAction } from "@/lib/gate/define-action";

/** Its line in the record is written together with it. */
export const acknowledgeRestore = defineAction({
  input: z.null(),
  permission: "person.manage",
  run: (_, { person }) => acknowledgeRestored(person.name),
});
