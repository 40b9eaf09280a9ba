import "server-only";
import type { Person } from "../auth/schema";
import { isNameTyped } from "../clusters/typed-name";
import { AppError } from "../errors";
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
): void {
  const { tier, topology, fingerprint } = record.draft;
  if (record.person !== person.name) throw new AppError("plan-of-another", { params: { name: record.person } });
  if (Date.now() > expiresAtMs(record, approval)) throw new AppError("plan-expired");
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
  if (tier === 3 && !(Date.now() - Date.parse(person.provenAt) <= PROOF_LIFE_MS)) throw new AppError("step-up-needed");
}

/** The cluster as it was reviewed, on facts from after the confirmation. */
export function requireUnchanged(record: PlanRecord): void {
  const { draft, latest } = record;
  const running = latest.checks.find((check) => check.id === "nobody-else" && check.message === "running");
  if (running) {
    const [run] = running.items;
    throw new AppError("stop-in-progress", run === undefined ? {} : { params: { run } });
  }
  if (latest.fingerprint !== draft.fingerprint) throw new AppError("plan-changed");
  if (
    ageOf(record) > MAX_AGE_MS ||
    latest.impact.blocks.length > 0 ||
    latest.checks.some((check) => check.level === "block")
  ) {
    throw new AppError("plan-blocked");
  }
}
