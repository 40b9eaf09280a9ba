import "server-only";
import { randomUUID } from "node:crypto";
import { z } from "zod";
import { storeNowMs } from "../db/store-clock";
import { AppError, isAppError } from "../errors";
import { log } from "../log";
import { codeOf, forward } from "./forward";
import { MAX_PASSWORD, MIN_PASSWORD } from "./names";
import { hasPassword } from "./prove";
import { clientOf, record } from "./record";
import type { Person } from "./schema";
import { isSecondFactorLost } from "./second-factor-key";
import { isProven } from "./session-limits";
import { beginTry, endTry, proofKey } from "./tries";

/** The password, or a code from those who have none. */
export const proofSchema = z.object({ password: z.string().max(1_000), code: z.string().trim().max(64).optional() });
export type Proof = z.infer<typeof proofSchema>;

/**
 * Hands a change to the library. It is on the record before it is done, and afterwards how it ended. A wrong password or
 * code counts against whoever is signed in; anything else that is refused says nothing about them and leaves the count.
 */
export async function changeOwn(
  headers: Headers,
  person: Person,
  { what, path, proof }: { what: string; path: string; proof?: Proof },
  body: Record<string, unknown>,
): Promise<Response> {
  const attempt = await beginTry(proofKey(person.id));
  const entry = { id: randomUUID(), action: "person.change", by: person.name } as const;
  let failed: AppError | null = null;
  try {
    await record({ ...entry, event: "opened", facts: [what, clientOf(headers)] });
    if (proof) await requireProof(headers, person, proof);
    const response = await forward({ headers }, path, body);
    if (!response.ok) throw await refusalOf(response, path);
    return response;
  } catch (error) {
    failed = isAppError(error) ? error : new AppError("internal", {}, { cause: error });
    throw error;
  } finally {
    const isWrong = failed?.kind === "password-wrong" || failed?.kind === "code-wrong";
    if (!isWrong) await endTry(attempt, failed ? "undecided" : "passed");
    if (failed?.kind !== "audit-unwritable") await close(entry, failed);
  }
}

/** What was done stays done when its end cannot be written; the entry is then seen to be open. */
async function close(entry: { id: string; action: "person.change"; by: string }, failed: AppError | null) {
  try {
    await record({
      ...entry,
      facts: [],
      ...(failed ? { event: "refused", kind: failed.kind } : { event: "finished" }),
    });
  } catch (error) {
    log.error({ attempt: entry.id, err: error }, "an audit entry stays open: its end could not be written");
  }
}

async function refusalOf(response: Response, path: string): Promise<AppError> {
  const code = await codeOf(response);
  if (code === "INVALID_PASSWORD") return new AppError("password-wrong");
  if (code === "INVALID_CODE") return new AppError("code-wrong");
  if (code.startsWith("PASSWORD_TOO"))
    return new AppError("password-unfit", { params: { min: MIN_PASSWORD, max: MAX_PASSWORD } });
  if (response.status === 429) return new AppError("too-many-tries");
  return new AppError("concurrent-change", {}, { cause: new Error(`${path}: ${code}`) });
}

/**
 * Whoever has a password shows it to the library itself. The others signed in a short while ago, and show a code of the
 * authenticator they have, or a backup code; no code when nobody can check it any more.
 */
async function requireProof(headers: Headers, person: Person, proof: Proof): Promise<void> {
  if (await hasPassword(person.id)) return;
  if (!isProven(person.provenAt, await storeNowMs())) throw new AppError("proof-too-old");
  if (!person.hasTotp || (await isSecondFactorLost(person.id))) return;
  const path = /^\d{6}$/.test(proof.code ?? "") ? "/two-factor/verify-totp" : "/two-factor/verify-backup-code";
  const response = await forward({ headers }, path, { code: proof.code ?? "" });
  if (response.status === 429) throw new AppError("too-many-tries");
  if (!response.ok) throw new AppError("code-wrong");
}
