import { setTimeout as sleep } from "node:timers/promises";
import type { Result } from "../../lib/errors";
import type { Plan } from "../../lib/lifecycle/schema";
import { builtActions, callAction } from "./built";

const CALM_MS = 60_000;

/** Calls an action of the build, past every screen, about one cluster. */
export type Act = <T>(name: string, input: object) => Promise<Result<T>>;

export function actsOf(url: string, cookie: string, clusterId: string): Act {
  const actions = builtActions();
  const page = `/clusters/${clusterId}/stop`;
  return async <T>(name: string, input: object) => {
    const action = actions.find((one) => one.name === name);
    if (!action) throw new Error(`The build has no action ${name}.`);
    const { value } = await callAction(url, action, [{ clusterId, ...input }], { cookie, page });
    return value as Result<T>; // what the gate answers with
  };
}

/** Of a stop what no test here is about. */
const PLAIN = { releases: [], continues: null, cancels: null };

export const makePlan = (act: Act, request: object) => act<Plan>("makePlan", { ...PLAIN, ...request });

/** A plan that nothing stands against; after what was done to it a cluster takes a moment to be calm. */
export async function calmPlan(act: Act, request: object): Promise<Plan> {
  for (const untilMs = Date.now() + CALM_MS; ; await sleep(200)) {
    const made = await makePlan(act, request).catch((error: unknown) => ({
      ok: false as const,
      failure: String(error),
    }));
    const isCalm =
      made.ok && made.value.impact.blocks.length === 0 && made.value.checks.every((check) => check.level !== "block");
    if (isCalm) return made.value;
    if (Date.now() > untilMs) throw new Error(`No plan could be made: ${JSON.stringify(made).slice(0, 2_000)}`);
  }
}
