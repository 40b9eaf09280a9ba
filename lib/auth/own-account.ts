import "server-only";
import { z } from "zod";
import { openStore } from "../db/store";
import { AppError } from "../errors";
import { changeOwn, type Proof } from "./change-own";
import { currentPerson } from "./current-person";
import { answer, forward } from "./forward";
import { clientOf, record } from "./record";
import type { OwnSession, Person } from "./schema";

export const newPasswordSchema = z.object({ password: z.string().max(1_000), newPassword: z.string().max(1_000) });
export const codeSchema = z.object({ code: z.string().trim().min(1).max(64) });

async function signedIn(headers: Headers): Promise<Person> {
  const person = await currentPerson(headers);
  if (!person) throw new AppError("signed-out");
  return person;
}

/** A new password ends every other session. */
export async function changePassword(headers: Headers, input: z.infer<typeof newPasswordSchema>): Promise<Response> {
  const person = await signedIn(headers);
  const response = await changeOwn(
    headers,
    person,
    { what: "own password", path: "/change-password" },
    { currentPassword: input.password, newPassword: input.newPassword, revokeOtherSessions: true },
  );
  return answer(null, response);
}

/** Begins enrolment of an authenticator: its secret, and backup codes that are shown this once. */
export async function beginTotp(headers: Headers, proof: Proof): Promise<Response> {
  const person = await signedIn(headers);
  const act = { what: "second factor begun", path: "/two-factor/enable", proof };
  const response = await changeOwn(headers, person, act, { password: proof.password });
  const made = (await response.json()) as { totpURI: string; backupCodes: string[] }; // as it documents
  const secret = new URL(made.totpURI).searchParams.get("secret") ?? "";
  const uri = `otpauth://totp/Standdown:${encodeURIComponent(person.name)}?secret=${secret}&issuer=Standdown`;
  return answer({ secret, uri, backupCodes: made.backupCodes });
}

/** Ends enrolment: the authenticator shows the right code, and is asked for from now on. */
export async function confirmTotp(headers: Headers, input: z.infer<typeof codeSchema>): Promise<Response> {
  const person = await signedIn(headers);
  const act = { what: "second factor on", path: "/two-factor/verify-totp" };
  return answer(null, await changeOwn(headers, person, act, input));
}

export async function removeTotp(headers: Headers, proof: Proof): Promise<Response> {
  const person = await signedIn(headers);
  const act = { what: "second factor off", path: "/two-factor/disable", proof };
  return answer(null, await changeOwn(headers, person, act, { password: proof.password }));
}

/** New backup codes; the old ones are worth nothing from now on. */
export async function renewBackupCodes(headers: Headers, proof: Proof): Promise<Response> {
  const person = await signedIn(headers);
  const act = { what: "new backup codes", path: "/two-factor/generate-backup-codes", proof };
  const response = await changeOwn(headers, person, act, { password: proof.password });
  const made = (await response.clone().json()) as { backupCodes: string[] }; // as it documents
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
