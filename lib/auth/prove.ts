import "server-only";
import { verifyPassword } from "better-auth/crypto";
import { openStore } from "../db/store";
import { AppError } from "../errors";
import { currentPerson } from "./current-person";
import { codeOf, forward } from "./forward";
import { clientOf, record } from "./record";
import type { Person } from "./schema";
import { beginTry, endTry } from "./tries";

/**
 * Step-up: whoever is signed in shows once more who they are, with their password or the code of their authenticator.
 * Throws `signed-out`, `password-wrong`, `code-wrong` or `locked-out`; each failure is on the record.
 */
export async function provePerson(headers: Headers, proof: { password: string } | { totp: string }): Promise<Person> {
  const person = await currentPerson(headers);
  if (!person) throw new AppError("signed-out");
  await beginTry(person.name);
  const isRight =
    "password" in proof
      ? await isPassword(person.id, proof.password)
      : person.hasTotp && (await isCode(headers, proof.totp)); // without one it would finish an enrolment
  if (!isRight) {
    const kind = "password" in proof ? "password-wrong" : "code-wrong";
    const facts = ["proof before an action", clientOf(headers)];
    await record({ action: "session.refused", event: "refused", by: person.name, facts, kind });
    throw new AppError(kind);
  }
  await endTry(person.name, "passed");
  const provenAt = new Date().toISOString();
  const { db } = await openStore();
  await db.updateTable("session").set({ provenAt }).where("id", "=", person.sessionId).execute();
  return { ...person, provenAt };
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

async function isCode(headers: Headers, code: string): Promise<boolean> {
  const response = await forward({ headers }, "/two-factor/verify-totp", { code });
  if (response.status === 429) throw new AppError("too-many-tries");
  if (response.status >= 500) throw new AppError("internal", {}, { cause: new Error(await codeOf(response)) });
  return response.ok;
}
