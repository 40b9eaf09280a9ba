import "server-only";
import { cache } from "react";
import { openStore } from "../db/store";
import { storeNowMs } from "../db/store-clock";
import { isStoreAway, storeUnavailable } from "../store-away";
import { openAuth } from "./auth";
import { grantSchema, type Grant, type Person } from "./schema";

/** A session says itself when its person proved who they are; when it was made tells nothing about that. */
const NEVER = new Date(0).toISOString();

/**
 * Whoever sent these headers, with their grants; null when nobody is signed in. Read once per request of a page. Throws
 * `store-unavailable` when nobody can say.
 */
export const currentPerson = cache(async (headers: Headers): Promise<Person | null> => {
  if (!headers.has("cookie")) return null;
  const found = await readSession(headers.get("cookie") ?? "");
  if (!found) return null;
  const { session, user } = found;
  const [state, nowMs] = await Promise.all([readState(user.id), storeNowMs()]).catch(tellStore);
  // The library has judged by the clock of this host.
  if (state === null || new Date(session.expiresAt).getTime() <= nowMs) return null;
  return {
    id: user.id,
    name: user.username ?? user.name,
    grants: state,
    sessionId: session.id,
    provenAt: session.provenAt ?? NEVER,
    hasTotp: user.twoFactorEnabled === true,
  };
});

/** Only the cookie counts here; the address was checked at the door. */
async function readSession(cookie: string) {
  const auth = await openAuth().catch(tellStore);
  // The library puts an error of its own in place of the store's, and asks nobody else.
  return auth.api.getSession({ headers: new Headers({ cookie }) }).catch((error: unknown) => {
    throw storeUnavailable(error);
  });
}

function tellStore(error: unknown): never {
  throw isStoreAway(error) ? storeUnavailable(error) : error;
}

/** The grants of a person; null when there is none or they were deactivated. */
async function readState(userId: string): Promise<Grant[] | null> {
  const { db } = await openStore();
  const rows = await db
    .selectFrom("person")
    .leftJoin("role_grant", "role_grant.user_id", "person.user_id")
    .select(["deactivated_at", "role", "level", "target"])
    .where("person.user_id", "=", userId)
    .execute();
  if (rows.length === 0 || rows.some((row) => row.deactivated_at !== null)) return null;
  return rows.flatMap(({ role, level, target }) => (role === null ? [] : [grantSchema.parse({ role, level, target })]));
}
