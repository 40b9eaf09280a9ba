import "server-only";
import { createHash } from "node:crypto";
import type { GenericOAuthConfig } from "better-auth/plugins";
import { config, type OidcConfig } from "../config";
import { storeNowMs } from "../db/store-clock";
import type { Database } from "../db/tables";
import { log } from "../log";
import { record } from "./record";
import { writeGrants } from "./people";

/** A first sign-in that began so short a while ago may still be going on. */
const UNDER_WAY_MS = 60_000;

type Claims = Record<string, unknown>;

const text = (value: unknown): string => (typeof value === "string" ? value : "");
const digest = (value: string): string => createHash("sha256").update(value).digest("hex");

/** The claims of an id token whose signature, issuer, audience and nonce the library has checked before. */
export function claimsOf(idToken: string | undefined): Claims | null {
  try {
    const claims: unknown = JSON.parse(Buffer.from(idToken?.split(".")[1] ?? "", "base64url").toString("utf8"));
    return typeof claims === "object" && claims !== null ? (claims as Claims) : null;
  } catch {
    return null;
  }
}

/** Part of a name that stands in the audit: what the provider calls them, else their address, else a short digest. */
function localPart(claims: Claims): string {
  const wanted = text(claims.preferred_username) || text(claims.email);
  const tidy = wanted
    .toLowerCase()
    .replace(/@.*$/s, "")
    .replace(/[^a-z0-9._-]+/g, "-")
    .replace(/^[^a-z0-9]+/, "")
    .slice(0, 26);
  return tidy.length >= 2 ? tidy : `id-${digest(text(claims.sub)).slice(0, 8)}`;
}

/**
 * One provider as the library takes it. Only what a verified id token says counts. Names end in `@provider`, so that nobody
 * from outside can bear a local person's name, and addresses are made up, so that none opens another's account.
 */
export function oidcProvider(oidc: OidcConfig, db: Database): GenericOAuthConfig {
  return {
    providerId: oidc.id,
    name: oidc.name,
    discoveryUrl: `${oidc.issuer.replace(/\/$/, "")}/.well-known/openid-configuration`,
    requireIdTokenVerification: true,
    clientId: oidc.clientId,
    ...(oidc.clientSecret === null ? {} : { clientSecret: oidc.clientSecret }),
    scopes: ["openid", "profile", "email"],
    pkce: true,
    // Coming by single sign-on counts as a proof of who it is, so it has to be an act and not a silent passage.
    prompt: "login",
    getUserInfo: ({ idToken }) => {
      const claims = claimsOf(idToken);
      return Promise.resolve(claims ? { ...claims, id: text(claims.sub), email: "", emailVerified: false } : null);
    },
    mapProfileToUser: async (profile) => {
      const claims: Claims = profile;
      const subject = text(claims.sub);
      const part = localPart(claims);
      const email = `${digest(subject).slice(0, 40)}@${oidc.id}.oidc.invalid`;
      await forgetBroken(db, email);
      const taken = await db
        .selectFrom("user")
        .select("id")
        .where("username", "=", `${part}@${oidc.id}`)
        .executeTakeFirst();
      const name = `${part}${taken ? `-${digest(subject).slice(0, 5)}` : ""}@${oidc.id}`;
      return {
        name,
        username: name,
        email,
        emailVerified: false,
      };
    },
  };
}

/** A first sign-in that broke off before there was an account left a user whom nothing leads to, and who is in the way. */
async function forgetBroken(db: Database, email: string): Promise<void> {
  const broken = await db
    .selectFrom("user")
    .leftJoin("account", "account.userId", "user.id")
    .select(["user.id", "user.createdAt"])
    .where("email", "=", email)
    .where("account.id", "is", null)
    .executeTakeFirst();
  if (!broken || (await storeNowMs(db)) - new Date(broken.createdAt).getTime() < UNDER_WAY_MS) return;
  await db.deleteFrom("user").where("id", "=", broken.id).execute();
}

/** The first sign-in of this user broke off between their account and the welcome: it is made up for now. */
export async function welcomeLate(db: Database, userId: string): Promise<void> {
  const account = await db
    .selectFrom("account")
    .select("providerId")
    .where("userId", "=", userId)
    .where("providerId", "!=", "credential")
    .executeTakeFirst();
  if (account) await welcome(db, account.providerId, userId);
}

/**
 * Somebody came by single sign-on for the first time: they get what the configuration gives, which may be nothing.
 * Whoever was welcomed before keeps what they have.
 */
export async function welcome(db: Database, providerId: string, userId: string): Promise<void> {
  const oidc = config().signIn.oidc.find(({ id }) => id === providerId);
  if (!oidc) return;
  await db.transaction().execute(async (tx) => {
    const { username } = await tx
      .selectFrom("user")
      .select("username")
      .where("id", "=", userId)
      .executeTakeFirstOrThrow();
    const added = await tx
      .insertInto("person")
      .values({ user_id: userId, password_is_one_time: 0, deactivated_at: null })
      .onConflict((conflict) => conflict.column("user_id").doNothing())
      .returning("user_id")
      .executeTakeFirst();
    if (!added) return;
    await writeGrants(tx, userId, oidc.grants);
    const facts = [username ?? userId, `first sign-in at ${oidc.name}`];
    await record({ action: "person.add", event: "finished", by: "console", facts }, tx);
  });
  log.info({ provider: providerId }, "somebody came by single sign-on for the first time");
}
