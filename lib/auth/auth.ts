import "server-only";
import { betterAuth } from "better-auth";
import { APIError } from "better-auth/api";
import { genericOAuth, twoFactor, username } from "better-auth/plugins";
import { config, type OidcConfig } from "../config";
import { storeKey } from "../db/key-ring";
import { openStore, type Store } from "../db/store";
import { storeNowMs } from "../db/store-clock";
import { log } from "../log";
import { singleton } from "../singleton";
import { MAX_PASSWORD, MIN_PASSWORD, NAME } from "./names";
import { oidcProvider, welcome, welcomeLate } from "./oidc";
import { limitsOf } from "./session-limits";

/** One shift: a session lasts this long and is not prolonged. */
const SESSION_SECONDS = 12 * 60 * 60;
const MINUTE_SECONDS = 60;
/** Where a browser of this machine finds the console while no public address is configured. */
const LOOPBACK_HOSTS = ["127.0.0.1", "127.0.0.1:*", "localhost", "localhost:*", "[::1]", "[::1]:*"];

/** The address under which people open the console, when one is configured. */
export function publicUrl(): string | null {
  return config().url;
}

function createAuth({ db, engine }: Store, secret: Buffer, providers: readonly OidcConfig[]) {
  const url = publicUrl();
  return betterAuth({
    appName: "Standdown",
    baseURL: url ?? { allowedHosts: LOOPBACK_HOSTS, protocol: "http", fallback: "http://127.0.0.1" },
    secret: secret.toString("base64"),
    telemetry: { enabled: false },
    database: { db, type: engine },
    emailAndPassword: {
      enabled: true,
      disableSignUp: true,
      minPasswordLength: MIN_PASSWORD,
      maxPasswordLength: MAX_PASSWORD,
    },
    session: {
      expiresIn: SESSION_SECONDS,
      disableSessionRefresh: true,
      additionalFields: { provenAt: { type: "string", required: false, input: false } },
    },
    // One person is one account; an address in a profile never opens somebody else's.
    account: { accountLinking: { enabled: false } },
    advanced: {
      cookiePrefix: "standdown",
      useSecureCookies: url?.startsWith("https:") ?? false,
      defaultCookieAttributes: { httpOnly: true, sameSite: "lax" },
      // Set by the server itself from the connection or from the proxy that it trusts.
      ipAddress: { ipAddressHeaders: ["x-standdown-client"] },
    },
    rateLimit: {
      enabled: true,
      storage: "database",
      window: MINUTE_SECONDS,
      max: 120,
      customRules: {
        "/sign-in/*": { window: MINUTE_SECONDS, max: 30 },
        "/two-factor/*": { window: MINUTE_SECONDS, max: 30 },
        "/change-password": { window: MINUTE_SECONDS, max: 30 },
      },
    },
    logger: {
      level: "warn",
      log: (level, message) => log[level === "error" ? "error" : "debug"]({ from: "better-auth" }, message),
    },
    databaseHooks: {
      account: {
        create: { after: ({ providerId, userId }) => welcome(db, providerId, userId) },
      },
      session: {
        create: {
          before: async (session, context) => {
            const person = await db
              .selectFrom("person")
              .select("deactivated_at")
              .where("user_id", "=", session.userId)
              .executeTakeFirst();
            if (person?.deactivated_at) throw new APIError("FORBIDDEN", { code: "DEACTIVATED" });
            if (!person) await welcomeLate(db, session.userId);
            const before = context?.context.session?.session ?? null;
            return { data: { ...session, ...limitsOf(session, before, await storeNowMs()) } };
          },
        },
      },
    },
    plugins: [
      username({ minUsernameLength: 2, maxUsernameLength: 64, usernameValidator: (name) => NAME.test(name) }),
      // Who comes by single sign-on has no password to show, and may have an authenticator all the same.
      twoFactor({ issuer: "Standdown", allowPasswordless: true }),
      genericOAuth({ config: providers.map((oidc) => oidcProvider(oidc, db)) }),
    ],
  });
}

export type Auth = ReturnType<typeof createAuth>;

/** Made once, after the store is open. Knows nothing of providers: one that hangs must not keep anybody else waiting. */
export async function openAuth(): Promise<Auth> {
  const [store, secret] = [await openStore(), await storeKey("sign-in")];
  return singleton("auth.auth", () => createAuth(store, secret, []));
}

/** The same people, sessions and cookies, and besides the ways of single sign-on that the configuration names. */
export async function openAuthWithProviders(): Promise<Auth> {
  const [store, secret] = [await openStore(), await storeKey("sign-in")];
  return singleton("auth.with-providers", () => createAuth(store, secret, config().signIn.oidc));
}
