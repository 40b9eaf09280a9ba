import "server-only";
import { z } from "zod";
import { openStore } from "../db/store";
import { AppError } from "../errors";
import { currentPerson } from "./current-person";
import { answer, codeOf, forward } from "./forward";
import { MAX_PASSWORD, MIN_PASSWORD } from "./names";
import { clientOf, record } from "./record";
import type { OwnSession, Person } from "./schema";
import { beginTry, endTry } from "./tries";

export const newPasswordSchema = z.object({ password: z.string().max(1_000), newPassword: z.string().max(1_000) });
export const proofSchema = z.object({ password: z.string().max(1_000) });
export const codeSchema = z.object({ code: z.string().trim().min(1).max(64) });

async function signedIn(headers: Headers): Promise<Person> {
  const person = await currentPerson(headers);
  if (!person) throw new AppError("signed-out");
  return person;
}

/** Hands the request to the library; a wrong password or code counts against the name like one at the sign-in. */
async function tried(headers: Headers, person: Person, path: string, body: Record<string, unknown>): Promise<Response> {
  await beginTry(person.name);
  const response = await forward({ headers }, path, body);
  const code = response.ok ? "" : await codeOf(response);
  if (code === "INVALID_PASSWORD") throw new AppError("password-wrong");
  if (code === "INVALID_CODE") throw new AppError("code-wrong");
  if (code.startsWith("PASSWORD_TOO")) {
    await endTry(person.name, "undecided");
    throw new AppError("password-unfit", { params: { min: MIN_PASSWORD, max: MAX_PASSWORD } });
  }
  await endTry(person.name, "passed");
  if (response.status === 429) throw new AppError("too-many-tries");
  if (!response.ok) throw new AppError("concurrent-change", {}, { cause: new Error(`${path}: ${code}`) });
  return response;
}

const changed = (headers: Headers, person: Person, what: string) =>
  record({ action: "person.change", event: "finished", by: person.name, facts: [what, clientOf(headers)] });

/** A new password ends every other session. */
export async function changePassword(headers: Headers, input: z.infer<typeof newPasswordSchema>): Promise<Response> {
  const person = await signedIn(headers);
  const response = await tried(headers, person, "/change-password", {
    currentPassword: input.password,
    newPassword: input.newPassword,
    revokeOtherSessions: true,
  });
  await changed(headers, person, "own password");
  return answer(null, response);
}

/** Begins enrolment of an authenticator: its secret, and backup codes that are shown this once. */
export async function beginTotp(headers: Headers, input: z.infer<typeof proofSchema>): Promise<Response> {
  const person = await signedIn(headers);
  const response = await tried(headers, person, "/two-factor/enable", input);
  const made = (await response.json()) as { totpURI: string; backupCodes: string[] }; // as it documents
  const secret = new URL(made.totpURI).searchParams.get("secret") ?? "";
  const uri = `otpauth://totp/Standdown:${encodeURIComponent(person.name)}?secret=${secret}&issuer=Standdown`;
  return answer({ secret, uri, backupCodes: made.backupCodes });
}

/** Ends enrolment: the authenticator shows the right code, and is asked for from now on. */
export async function confirmTotp(headers: Headers, input: z.infer<typeof codeSchema>): Promise<Response> {
  const person = await signedIn(headers);
  const response = await tried(headers, person, "/two-factor/verify-totp", input);
  await changed(headers, person, "second factor on");
  return answer(null, response);
}

export async function removeTotp(headers: Headers, input: z.infer<typeof proofSchema>): Promise<Response> {
  const person = await signedIn(headers);
  const response = await tried(headers, person, "/two-factor/disable", input);
  await changed(headers, person, "second factor off");
  return answer(null, response);
}

/** New backup codes; the old ones are worth nothing from now on. */
export async function renewBackupCodes(headers: Headers, input: z.infer<typeof proofSchema>): Promise<Response> {
  const person = await signedIn(headers);
  const response = await tried(headers, person, "/two-factor/generate-backup-codes", input);
  const made = (await response.clone().json()) as { backupCodes: string[] }; // as it documents
  await changed(headers, person, "new backup codes");
  return answer({ backupCodes: made.backupCodes }, response);
}

export async function signOut(headers: Headers): Promise<Response> {
  const person = await currentPerson(headers);
  const response = await forward({ headers }, "/sign-out", {});
  if (person)
    await record({ action: "session.sign-out", event: "finished", by: person.name, facts: [clientOf(headers)] });
  return answer(null, response);
}

/** Ends every session of this person, the one that asks among them. */
export async function signOutEverywhere(headers: Headers): Promise<Response> {
  const person = await signedIn(headers);
  const { db } = await openStore();
  await db.deleteFrom("session").where("userId", "=", person.id).execute();
  const facts = ["everywhere", clientOf(headers)];
  await record({ action: "session.sign-out", event: "finished", by: person.name, facts });
  return answer(null, await forward({ headers }, "/sign-out", {}));
}

/** Where this person is signed in now, the newest first. */
export async function ownSessions(person: Person): Promise<OwnSession[]> {
  const { db } = await openStore();
  const rows = await db
    .selectFrom("session")
    .select(["id", "createdAt", "expiresAt", "ipAddress", "userAgent"])
    .where("userId", "=", person.id)
    .execute();
  return rows
    .map((row) => ({
      id: row.id,
      since: new Date(row.createdAt).toISOString(),
      until: new Date(row.expiresAt).toISOString(),
      address: row.ipAddress ?? "",
      browser: row.userAgent ?? "",
      isThis: row.id === person.sessionId,
    }))
    .filter((session) => Date.parse(session.until) > Date.now())
    .sort((a, b) => b.since.localeCompare(a.since));
}

/** False for those who come by single sign-on. */
export async function hasPassword(userId: string): Promise<boolean> {
  const { db } = await openStore();
  const found = await db
    .selectFrom("account")
    .select("id")
    .where("userId", "=", userId)
    .where("providerId", "=", "credential")
    .executeTakeFirst();
  return found !== undefined;
}
