import "server-only";
import { trustAgents } from "../clusters/agent-keys";
import { agentOf } from "../clusters/registry";
import type { Database } from "../db/tables";
import { AppError, nullIfAppError } from "../errors";
import { findPlan, lookAgain, readPlan, showAs } from "./plans";
import type { Plan } from "./schema";

const KEY_TIMEOUT_MS = 3_000;

/**
 * Takes the present key of the plan's coordinator as the right one, on the operator's word (after an upgrade or a
 * reinstallation), and judges the plan again. The plan then counts as changed: it is reviewed anew before it is sent.
 */
export async function trustCoordinatorKey(
  clusterId: string,
  planId: string,
  by: string,
  tell?: (transaction: Database) => Promise<void>,
): Promise<Plan> {
  const record = await findPlan(clusterId, planId);
  const address = record.draft.coordinator?.address;
  if (!address) throw new AppError("plan-blocked");
  const key = await agentOf(clusterId, address).publicKey({ timeoutMs: KEY_TIMEOUT_MS });
  await trustAgents(clusterId, [[address, key]], by, tell);
  const look = await lookAgain(record, 1_000).catch(nullIfAppError);
  if (look) showAs(record, look);
  return readPlan(clusterId, planId);
}
