import "server-only";
import { verifyPassword } from "better-auth/crypto";
import { openStore } from "../db/store";
import { storeNow } from "../db/store-clock";
import { AppError } from "../errors";
import { currentPerson } from "./current-person";
import { codeOf, forward } from "./forward";
import { clientOf, record } from "./record";
import type { Person } from "./schema";
import { isSecondFactorLost } from "./second-factor-key";
import { beginTry, endTry, proofKey } from "./tries";

/**
 * Step-up: whoever is signed in shows once more who they are, with their password or the code of their authenticator.
 * Throws `signed-out`, `password-wrong`, `code-wrong`, `second-factor-lost` or `locked-out`; each wrong proof is on the
 * record.
 */
export async function provePerson(headers: Headers, proof: { password: string } | { totp: string }): Promise<Person> {
  const person = await currentPerson(headers);
  if (!person) throw new AppError("signed-out");
  const attempt = await beginTry(proofKey(person.id));
  const isRight = await isProof(headers, person, proof).catch(async (error: unknown) => {
    await endTry(attempt, "undecided");
    throw error;
  });
  if (!isRight) {
    const kind = "password" in proof ? "password-wrong" : "code-wrong";
    const facts = ["proof before an action", clientOf(headers)];
    await record({ action: "session.refused", event: "refused", by: person.name, facts, kind });
    throw new AppError(kind);
  }
  await endTry(attempt, "passed");
  const provenAt = await storeNow();
  const { db } = await openStore();
  await db.updateTable("session").set({ provenAt }).where("id", "=", person.sessionId).execute();
  return { ...person, provenAt };
}

async function isProof(
  headers: Headers,
  person: Person,
  proof: { password: string } | { totp: string },
): Promise<boolean> {
  if ("password" in proof) return isPassword(person.id, proof.password);
  if (!person.hasTotp) return false; // without one it would finish an enrolment
  if (await isSecondFactorLost(person.id)) throw new AppError("second-factor-lost", { params: { name: person.name } });
  return isCode(headers, proof.totp);
}

/** Whether it is their password; false for somebody who has none. */
export async function isPassword(userId: string, password: string): Promise<boolean> {
  const { db } = await openStore();
  const account = await db
    .selectFrom("account")
    .select("password")
    .where("userId", "=", userId)
    .where("providerId", "=", "credential")
    .executeTakeFirst();
  return account?.password ? verifyPassword({ hash: account.password, password }) : false;
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

async function isCode(headers: Headers, code: string): Promise<boolean> {
  const response = await forward({ headers }, "/two-factor/verify-totp", { code });
  if (response.status === 429) throw new AppError("too-many-tries");
  if (response.status >= 500) throw new AppError("internal", {}, { cause: new Error(await codeOf(response)) });
  return response.ok;
}
