import "server-only";
import type { Person } from "../auth/schema";
import { isNameTyped } from "../clusters/typed-name";
import type { Database } from "../db/tables";
import { AppError } from "../errors";
import { approvalOf } from "./approvals";
import type { Draft } from "./draft";
import { ageOf, expiresAtMs, needsApproval, type PlanRecord } from "./plans";
import type { Approval, Confirmation } from "./schema";

const MAX_AGE_MS = 15_000;
const MIN_REASON = 5;
/** A critical action asks again who it is when the sign-in is older than this. */
const PROOF_LIFE_MS = 15 * 60_000;

/** Whoever confirms, and when they last proved who they are. */
export type Confirmer = Pick<Person, "name" | "provenAt">;

/** Everything that the person has to bring, before the cluster is looked at. Throws what is missing. */
export function requireConfirmed(
  record: PlanRecord,
  approval: Approval | null,
  confirmation: Confirmation,
  person: Confirmer,
  nowMs: number,
): void {
  const { tier, topology, fingerprint } = record.draft;
  if (record.person !== person.name) throw new AppError("plan-of-another", { params: { name: record.person } });
  if (nowMs > expiresAtMs(record, approval)) throw new AppError("plan-expired");
  if (confirmation.fingerprint !== fingerprint) throw new AppError("plan-changed");
  if (tier >= 2 && confirmation.reason.trim().length < MIN_REASON)
    throw new AppError("confirmation-missing", { params: { what: "reason" } });
  if (tier === 3 && !isNameTyped(confirmation.typedName, topology.cluster.name))
    throw new AppError("confirmation-missing", { params: { what: "name" } });
  if (needsApproval(record) && approval?.state !== "approved" && !confirmation.breakGlass)
    throw new AppError("approval-needed");
  // The second person read these words and agreed to them, so the record carries no other ones.
  if (needsApproval(record) && approval?.state === "approved" && confirmation.reason.trim() !== approval.reason.trim())
    throw new AppError("reason-changed");
  if (tier === 3 && !(nowMs - Date.parse(person.provenAt) <= PROOF_LIFE_MS)) throw new AppError("step-up-needed");
}

/** The cluster as it was reviewed, on facts from after the confirmation. */
export function requireUnchanged(draft: Draft, latest: Draft): void {
  const running = latest.checks.find((check) => check.id === "nobody-else" && check.message === "running");
  if (running) {
    const [run] = running.items;
    throw new AppError("stop-in-progress", run === undefined ? {} : { params: { run } });
  }
  if (latest.fingerprint !== draft.fingerprint) throw new AppError("plan-changed");
  if (
    ageOf({ latest }) > MAX_AGE_MS ||
    latest.impact.blocks.length > 0 ||
    latest.checks.some((check) => check.level === "block")
  ) {
    throw new AppError("plan-blocked");
  }
}

/**
 * What the confirmation rested on, judged once more under the cluster's lock: the second person's word and the rule that
 * wants it, as they were seen or as they are now, whichever is stricter. Throws what speaks against it.
 */
export async function requireStillConfirmed(
  record: PlanRecord,
  { breakGlass }: Confirmation,
  transaction: Database,
): Promise<void> {
  if (record.draft.tier !== 3 || breakGlass) return;
  const { clusterId } = record.request;
  const row = await transaction
    .selectFrom("cluster")
    .select("two_person")
    .where("id", "=", clusterId)
    .executeTakeFirst();
  if (!needsApproval(record) && row?.two_person !== 1) return;
  const approval = await approvalOf(record.id, transaction);
  if (approval?.state !== "approved") throw new AppError("approval-needed");
}
