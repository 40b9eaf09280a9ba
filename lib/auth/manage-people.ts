import "server-only";
import { sql } from "kysely";
import { z } from "zod";
import { openStore, type Store } from "../db/store";
import { storeNow } from "../db/store-clock";
import type { Database } from "../db/tables";
import { AppError } from "../errors";
import { createPerson, oneTimePassword, resetPassword, writeGrants, type Told } from "./people";
import { grantSchema } from "./schema";

const grants = z.array(grantSchema).max(100);
const id = z.string().min(1).max(64);
export const newPersonSchema = z.object({ name: z.string().trim().max(64), grants });
export const grantChangeSchema = z.object({ id, grants });
export const activeChangeSchema = z.object({ id, isActive: z.boolean() });
export const personRefSchema = z.object({ id });

/** A password that is shown once, to be handed on. */
interface OneTime {
  password: string;
}

/** Adds somebody; whoever adds them hands on the password, which lets its owner in only to choose another. */
export async function addPerson(input: z.infer<typeof newPersonSchema>, tell?: Told): Promise<OneTime> {
  const password = oneTimePassword();
  await createPerson({ ...input, password, isOneTime: true }, tell);
  return { password };
}

/** For somebody who lost their password or their second factor. */
export async function resetPerson(input: z.infer<typeof personRefSchema>, tell?: Told): Promise<OneTime> {
  const password = oneTimePassword();
  await resetPassword(input.id, password, true, tell);
  return { password };
}

/** Counts from their next request on. Throws `person-unknown` or `last-administrator`. */
export async function changeGrants(input: z.infer<typeof grantChangeSchema>, tell?: Told): Promise<null> {
  await change(input.id, (tx) => writeGrants(tx, input.id, input.grants), tell);
  return null;
}

/** Whoever is deactivated is signed out everywhere and keeps what they may do for another day. */
export async function setActive(
  { id: userId, isActive }: z.infer<typeof activeChangeSchema>,
  tell?: Told,
): Promise<null> {
  await change(
    userId,
    async (tx) => {
      await tx
        .updateTable("person")
        .set({ deactivated_at: isActive ? null : await storeNow(tx) })
        .where("user_id", "=", userId)
        .execute();
      if (!isActive) await tx.deleteFrom("session").where("userId", "=", userId).execute();
    },
    tell,
  );
  return null;
}

/** What somebody is called, for the record. */
export async function nameOf(userId: string): Promise<string> {
  const { db } = await openStore();
  const found = await db.selectFrom("user").select("username").where("id", "=", userId).executeTakeFirst();
  return found?.username ?? userId;
}

async function change(userId: string, write: (tx: Database) => Promise<void>, tell?: Told): Promise<void> {
  const store = await openStore();
  await store.db.transaction().execute(async (tx) => {
    await oneAtATime(tx, store);
    // Whoever is doing something on the strength of these rights finishes first (`still-may.ts`).
    const own = tx.selectFrom("person").select("user_id").where("user_id", "=", userId);
    const known = await (store.engine === "postgres" ? own.forUpdate() : own).executeTakeFirst();
    if (!known) throw new AppError("person-unknown");
    await write(tx);
    const administrator = await tx
      .selectFrom("role_grant")
      .innerJoin("person", "person.user_id", "role_grant.user_id")
      .select("person.user_id")
      .where("role", "=", "administrator")
      .where("level", "=", "global")
      .where("deactivated_at", "is", null)
      .limit(1)
      .executeTakeFirst();
    if (!administrator) throw new AppError("last-administrator");
    await tell?.(tx);
  });
}

/** Two administrators who remove each other at once would each see the other still there. SQLite writes one at a time. */
async function oneAtATime(tx: Database, { engine }: Store): Promise<void> {
  if (engine === "postgres") await sql`lock table person in share row exclusive mode`.execute(tx);
}
