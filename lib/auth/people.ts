import "server-only";
import { randomBytes, randomUUID } from "node:crypto";
import { hashPassword } from "better-auth/crypto";
import { isDuplicate } from "../db/engine";
import { openStore } from "../db/store";
import type { Database } from "../db/tables";
import { AppError } from "../errors";
import { isLocalName, MAX_PASSWORD, MIN_PASSWORD } from "./names";
import { grantSchema, type Grant, type KnownPerson } from "./schema";
import { proofKey } from "./tries";

const ONE_TIME_BYTES = 12;

/** A password that somebody else sees once: it lets its owner in only to choose another. */
export const oneTimePassword = (): string => randomBytes(ONE_TIME_BYTES).toString("base64url");

/** Throws `password-unfit` unless its length is between the two bounds. */
export async function hashOf(password: string): Promise<string> {
  if (password.length < MIN_PASSWORD || password.length > MAX_PASSWORD)
    throw new AppError("password-unfit", { params: { min: MIN_PASSWORD, max: MAX_PASSWORD } });
  return hashPassword(password);
}

/** Writes the audit line of a change, as the last step of its transaction: without the one there is not the other. */
export type Told = (tx: Database) => Promise<void>;

/** Throws `name-unfit` or `name-taken` for a name that nobody new can have. */
export async function requireFreeName(name: string): Promise<void> {
  const wanted = name.toLowerCase();
  if (!isLocalName(wanted)) throw new AppError("name-unfit", { params: { name: wanted } });
  if (await knownByName(wanted)) throw new AppError("name-taken", { params: { name: wanted } });
}

/** Adds somebody who signs in with a password. Throws `name-taken`, `name-unfit` or `password-unfit`. */
export async function createPerson(
  person: { name: string; password: string; isOneTime: boolean; grants: readonly Grant[] },
  tell?: Told,
): Promise<string> {
  const name = person.name.toLowerCase();
  if (!isLocalName(name)) throw new AppError("name-unfit", { params: { name } });
  const { db, engine } = await openStore();
  const password = await hashOf(person.password);
  const id = randomUUID();
  const at = new Date().toISOString();
  const no = engine === "postgres" ? false : 0;
  try {
    await db.transaction().execute(async (tx) => {
      await tx
        .insertInto("user")
        .values({
          id,
          name,
          email: `${name}@localhost.invalid`, // every user of better-auth has one; nothing is ever sent there
          emailVerified: no,
          createdAt: at,
          updatedAt: at,
          username: name,
          displayUsername: name,
          twoFactorEnabled: no,
        })
        .execute();
      await tx
        .insertInto("account")
        .values({
          id: randomUUID(),
          accountId: id,
          providerId: "credential",
          userId: id,
          password,
          createdAt: at,
          updatedAt: at,
        })
        .execute();
      await tx
        .insertInto("person")
        .values({ user_id: id, password_is_one_time: person.isOneTime ? 1 : 0, deactivated_at: null })
        .execute();
      await writeGrants(tx, id, person.grants);
      await tell?.(tx);
    });
  } catch (error) {
    if (isDuplicate(error)) throw new AppError("name-taken", { params: { name } });
    throw error;
  }
  return id;
}

export async function writeGrants(tx: Database, userId: string, grants: readonly Grant[]): Promise<void> {
  await tx.deleteFrom("role_grant").where("user_id", "=", userId).execute();
  const rows = [...new Map(grants.map((grant) => [JSON.stringify(grant), grant])).values()];
  if (rows.length > 0)
    await tx
      .insertInto("role_grant")
      .values(rows.map(({ role, level, target }) => ({ user_id: userId, role, level, target })))
      .execute();
}

/** Everybody, by name. */
export async function listPeople(): Promise<KnownPerson[]> {
  const { db } = await openStore();
  const people = await db
    .selectFrom("user")
    .innerJoin("person", "person.user_id", "user.id")
    .select(["user.id", "name", "username", "createdAt", "twoFactorEnabled", "deactivated_at", "password_is_one_time"])
    .orderBy("username")
    .execute();
  const grants = await db.selectFrom("role_grant").selectAll().execute();
  const withPassword = await db.selectFrom("account").select("userId").where("providerId", "=", "credential").execute();
  const local = new Set(withPassword.map(({ userId }) => userId));
  return people.map((person) => ({
    id: person.id,
    name: person.username ?? person.name,
    grants: grants
      .filter((grant) => grant.user_id === person.id)
      .map(({ role, level, target }) => grantSchema.parse({ role, level, target })),
    hasTotp: Boolean(person.twoFactorEnabled),
    hasPassword: local.has(person.id),
    isNew: person.password_is_one_time === 1,
    isDeactivated: person.deactivated_at !== null,
    since: new Date(person.createdAt).toISOString(),
  }));
}

/** The person of this name, in any case of its letters. */
export async function knownByName(name: string): Promise<KnownPerson | null> {
  const wanted = name.toLowerCase();
  return (await listPeople()).find((person) => person.name === wanted) ?? null;
}

/**
 * A new password for somebody who lost theirs, or their second factor: signs them out everywhere, removes the second
 * factor and ends a lock. Throws `person-unknown` for nobody, and for somebody who comes by single sign-on.
 */
export async function resetPassword(userId: string, password: string, isOneTime: boolean, tell?: Told): Promise<void> {
  const hash = await hashOf(password);
  const { db, engine } = await openStore();
  const at = new Date().toISOString();
  await db.transaction().execute(async (tx) => {
    const changed = await tx
      .updateTable("account")
      .set({ password: hash, updatedAt: at })
      .where("userId", "=", userId)
      .where("providerId", "=", "credential")
      .executeTakeFirst();
    if (Number(changed.numUpdatedRows) === 0) throw new AppError("person-unknown");
    await tx
      .updateTable("person")
      .set({ password_is_one_time: isOneTime ? 1 : 0 })
      .where("user_id", "=", userId)
      .execute();
    const no = engine === "postgres" ? false : 0;
    await tx.updateTable("user").set({ twoFactorEnabled: no, updatedAt: at }).where("id", "=", userId).execute();
    await tx.deleteFrom("twoFactor").where("userId", "=", userId).execute();
    await tx.deleteFrom("session").where("userId", "=", userId).execute();
    const { username } = await tx
      .selectFrom("user")
      .select("username")
      .where("id", "=", userId)
      .executeTakeFirstOrThrow();
    await tx
      .deleteFrom("sign_in_try")
      .where("name", "in", [username ?? "", proofKey(userId)])
      .execute();
    await tell?.(tx);
  });
}
