import { findTest } from "@/lib/clusters/test-connection";
import { defineRead } from "@/lib/gate/define-read";
import { testInput } from "@/lib/gate/inputs";
import type { ConnectionTest } from "@/lib/clusters/schema";

export const GET = defineRead({
  input: testInput,
  permission: null, // one's own tests, which one was allowed to begin
  run: async ({ test }, { person }): Promise<ConnectionTest> =>
    findTest(test, person.id) ?? { steps: [], isOver: false },
});
