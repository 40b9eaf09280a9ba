import "server-only";
import { AppError } from "../errors";
import { findPlan, type Maker } from "./plans";
import type { PlanRef } from "./schema";

/** Whoever reviewed a plan says that they let it be. Nobody else can; the plan itself may be taken up again. */
export async function cancelPlan({ clusterId, planId }: PlanRef, person: Maker): Promise<null> {
  const record = await findPlan(clusterId, planId);
  if (record.person !== person.name) throw new AppError("plan-of-another", { params: { name: record.person } });
  return null;
}
