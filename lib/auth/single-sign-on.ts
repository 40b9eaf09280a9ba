import "server-only";
import { openStore } from "../db/store";
import { storeNowMs } from "../db/store-clock";
import { AppError } from "../errors";
import { log } from "../log";
import { codeOf, forward, ownOrigin } from "./forward";
import { claimsOf } from "./oidc";
import { ownPath } from "./own-path";
import { listProviders } from "./providers";
import { clientOf, record } from "./record";

/** Leads to a provider; back comes `finishSingleSignOn`. */
export async function startSingleSignOn(headers: Headers, query: URLSearchParams): Promise<Response> {
  const provider = listProviders().find(({ id }) => id === query.get("id"));
  if (!provider) throw new AppError("input-invalid", { params: { what: "the provider" } });
  const next = ownPath(query.get("next"));
  const response = await forward({ headers, toProvider: true }, "/sign-in/social", {
    provider: provider.id,
    // The sign-in page leads on: an address of our own in the shape that the library lets through.
    callbackURL: `/login?next=${encodeURIComponent(next)}`,
    errorCallbackURL: "/login",
    disableRedirect: true,
  });
  if (!response.ok) {
    log.warn({ provider: provider.id, code: await codeOf(response) }, "single sign-on could not begin");
    return toLogin(headers, response.status === 429 ? "too-many-tries" : "provider-failed", provider.name);
  }
  const { url } = (await response.clone().json()) as { url: string }; // as it documents
  return leadTo(url, response);
}

/** The provider sent the browser back. The library checks state, code and id token; we write down what came of it. */
export async function finishSingleSignOn(headers: Headers, path: string, query: URLSearchParams): Promise<Response> {
  const provider = listProviders().find(({ id }) => path === `callback/${id}`);
  if (!provider) throw new AppError("input-invalid", { params: { what: "the provider" } });
  const response = await forward({ headers, withoutSession: true, toProvider: true }, `/${path}?${query.toString()}`);
  const token = sessionToken(response);
  const location = new URL(response.headers.get("location") ?? "/login", ownOrigin(headers));
  const { db } = await openStore();
  const user =
    token &&
    (await db
      .selectFrom("session")
      .innerJoin("user", "user.id", "session.userId")
      .innerJoin("account", "account.userId", "user.id")
      .select(["username", "idToken"])
      .where("token", "=", token)
      .where("providerId", "=", provider.id)
      .executeTakeFirst());
  if (!user) {
    const error = location.searchParams.get("error") ?? "";
    log.warn({ provider: provider.id, error, status: response.status }, "single sign-on failed");
    const kind = error === "DEACTIVATED" ? "person-deactivated" : "provider-failed";
    const facts = [provider.name, error.slice(0, 80), clientOf(headers)];
    await record({ action: "session.refused", event: "refused", by: "console", facts, kind });
    return toLogin(headers, kind, provider.name);
  }
  try {
    await dateProof(token, user.idToken);
    const facts = [provider.name, clientOf(headers)];
    await record({ action: "session.sign-in", event: "accepted", by: user.username ?? "", facts });
  } catch (error) {
    await db.deleteFrom("session").where("token", "=", token).execute();
    throw error;
  }
  return leadTo(location.href, response);
}

/** A provider that says when it last saw a proof is believed: the request to ask for one stands in the browser's address. */
async function dateProof(token: string, idToken: string | null): Promise<void> {
  const at = claimsOf(idToken ?? undefined)?.auth_time;
  if (typeof at !== "number" || at * 1_000 >= (await storeNowMs())) return;
  const { db } = await openStore();
  const provenAt = new Date(at * 1_000).toISOString();
  await db.updateTable("session").set({ provenAt }).where("token", "=", token).execute();
}

function sessionToken(response: Response): string {
  const line = response.headers.getSetCookie().find((cookie) => /standdown\.session_token=[^;]/.test(cookie)) ?? "";
  return decodeURIComponent(/session_token=([^;]*)/.exec(line)?.[1] ?? "").split(".")[0] ?? "";
}

function leadTo(url: string, from?: Response): Response {
  const headers = new Headers({ location: url, "cache-control": "no-store" });
  for (const cookie of from?.headers.getSetCookie() ?? []) headers.append("set-cookie", cookie);
  return new Response(null, { status: 302, headers });
}

const toLogin = (headers: Headers, failure: string, about: string): Response =>
  leadTo(`${ownOrigin(headers)}/login?failure=${failure}&about=${encodeURIComponent(about)}`);
