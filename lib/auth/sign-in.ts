import "server-only";
import { z } from "zod";
import { openStore } from "../db/store";
import { AppError, isAppError } from "../errors";
import { answer, codeOf, forward, signedCookie } from "./forward";
import { NAME } from "./names";
import { hashOf } from "./people";
import { clientOf, record } from "./record";
import type { SignInStep } from "./schema";
import { isSecondFactorLost } from "./second-factor-key";
import { beginTry, endTry } from "./tries";

export const signInSchema = z.object({
  name: z.string().trim().min(1).max(64),
  password: z.string().min(1).max(1_000),
  /** Their own password, when the one above was given by somebody else. */
  newPassword: z.string().max(1_000).optional(),
});
type SignIn = z.infer<typeof signInSchema>;

export const secondFactorSchema = z.object({ code: z.string().trim().min(1).max(64), isBackupCode: z.boolean() });

/** First step: name and password. Sets a session, or asks for a second factor or for a password of their own. */
export async function signIn(headers: Headers, { name: typed, password, newPassword }: SignIn): Promise<Response> {
  const name = typed.toLowerCase();
  try {
    if (!NAME.test(name)) throw new AppError("password-wrong"); // nobody's, and nothing to keep a count of
    const attempt = await beginTry(name);
    const response = await forward({ headers, withoutSession: true }, "/sign-in/username", {
      username: name,
      password,
    });
    if (!response.ok) throw refusal(response.status, await codeOf(response), "password-wrong");
    const value = (await response.clone().json()) as { token?: string; twoFactorRedirect?: boolean }; // as it documents
    if (value.twoFactorRedirect) {
      await endTry(attempt, "undecided");
      return answer({ step: "second-factor", name } satisfies SignInStep, response);
    }
    await endTry(attempt, "passed");
    const token = value.token ?? "";
    if (await isOneTime(name)) {
      if (!newPassword) {
        await endSession(token);
        return answer({ step: "new-password", name } satisfies SignInStep);
      }
      await orEndSession(token, () => choosePassword(name, password, newPassword));
    }
    return await open(headers, response, token, name, "password");
  } catch (error) {
    return refuse(headers, name, error);
  }
}

/** Second step: the code of an authenticator, or one of the backup codes. */
export async function secondFactor(headers: Headers, code: z.infer<typeof secondFactorSchema>): Promise<Response> {
  const challenged = await challengedPerson(headers);
  if (challenged === null) throw new AppError("challenge-over");
  const { id, name } = challenged;
  try {
    const attempt = await beginTry(name);
    if (await isSecondFactorLost(id)) {
      await endTry(attempt, "undecided");
      throw new AppError("second-factor-lost", { params: { name } });
    }
    const path = code.isBackupCode ? "/two-factor/verify-backup-code" : "/two-factor/verify-totp";
    const response = await forward({ headers, withoutSession: true }, path, { code: code.code });
    if (!response.ok) throw refusal(response.status, await codeOf(response), "code-wrong");
    await endTry(attempt, "passed");
    const { token = "" } = (await response.clone().json()) as { token?: string }; // as it documents
    return await open(headers, response, token, name, code.isBackupCode ? "password, backup code" : "password, code");
  } catch (error) {
    return refuse(headers, name, error);
  }
}

/** A session that no audit entry tells of must not be. */
async function open(headers: Headers, response: Response, token: string, name: string, how: string): Promise<Response> {
  await orEndSession(token, () =>
    record({ action: "session.sign-in", event: "accepted", by: name, facts: [how, clientOf(headers)] }),
  );
  return answer({ step: "done", name } satisfies SignInStep, response);
}

/**
 * Failures are on the record, under the name only if somebody has it: people type passwords into the wrong field. What
 * is refused because of too many attempts is not: it was not looked at, and it would fill the record.
 */
async function refuse(headers: Headers, name: string, error: unknown): Promise<never> {
  if (!isAppError(error) || error.kind === "locked-out" || error.kind === "too-many-tries") throw error;
  const by = (await nameExists(name)) ? name : "console";
  const facts = [by === name ? "" : "unknown name", clientOf(headers)];
  await record({ action: "session.refused", event: "refused", by, facts, kind: error.kind });
  throw error;
}

function refusal(status: number, code: string, otherwise: "password-wrong" | "code-wrong"): AppError {
  if (code === "DEACTIVATED") return new AppError("person-deactivated");
  if (code === "ACCOUNT_TEMPORARILY_LOCKED") return new AppError("locked-out", { params: { wait: "15m 00s" } });
  if (status === 429) return new AppError("too-many-tries");
  if (code === "INVALID_TWO_FACTOR_COOKIE" || code === "TOO_MANY_ATTEMPTS_REQUEST_NEW_CODE")
    return new AppError("challenge-over");
  if (status >= 500) return new AppError("internal");
  return new AppError(otherwise);
}

async function nameExists(name: string): Promise<boolean> {
  const { db } = await openStore();
  return (await db.selectFrom("user").select("id").where("username", "=", name).executeTakeFirst()) !== undefined;
}

/** Whose password was right, according to the cookie of the first step. The library checks its signature itself. */
async function challengedPerson(headers: Headers): Promise<{ id: string; name: string } | null> {
  const identifier = signedCookie(headers, "two_factor");
  if (!identifier) return null;
  const { db } = await openStore();
  const found = await db
    .selectFrom("verification")
    .innerJoin("user", "user.id", "verification.value")
    .select(["user.id", "username"])
    .where("identifier", "=", identifier)
    .executeTakeFirst();
  return found?.username ? { id: found.id, name: found.username } : null;
}

async function isOneTime(name: string): Promise<boolean> {
  const { db } = await openStore();
  const found = await db
    .selectFrom("person")
    .innerJoin("user", "user.id", "person.user_id")
    .select("password_is_one_time")
    .where("username", "=", name)
    .executeTakeFirst();
  return found?.password_is_one_time === 1;
}

async function choosePassword(name: string, before: string, password: string): Promise<void> {
  if (password === before) throw new AppError("password-same");
  const hash = await hashOf(password);
  const { db } = await openStore();
  await db.transaction().execute(async (tx) => {
    const { id } = await tx.selectFrom("user").select("id").where("username", "=", name).executeTakeFirstOrThrow();
    await tx
      .updateTable("account")
      .set({ password: hash, updatedAt: new Date().toISOString() })
      .where("userId", "=", id)
      .where("providerId", "=", "credential")
      .execute();
    await tx.updateTable("person").set({ password_is_one_time: 0 }).where("user_id", "=", id).execute();
    await record({ action: "person.change", event: "finished", by: name, facts: ["chose a password"] }, tx);
  });
}

async function endSession(token: string): Promise<void> {
  const { db } = await openStore();
  await db.deleteFrom("session").where("token", "=", token).execute();
}

async function orEndSession(token: string, step: () => Promise<void>): Promise<void> {
  try {
    await step();
  } catch (error) {
    await endSession(token);
    throw error;
  }
}
