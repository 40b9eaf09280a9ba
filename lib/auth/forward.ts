import "server-only";
import { openAuth, openAuthWithProviders, publicUrl } from "./auth";

const BASE = "/api/auth";
/** What the library may see of a request; the address of the client is the server's own word (see `openAuth`). */
const PASSED_ON = ["cookie", "user-agent", "x-standdown-client"];

/** Under which address the browser sees the console; the host was checked at the door. */
export const ownOrigin = (headers: Headers): string => publicUrl() ?? `http://${headers.get("host") ?? "127.0.0.1"}`;

/** Hands a request to the sign-in library, as if it had come to `path` below its own address. */
export async function forward(
  request: { headers: Headers; withoutSession?: boolean; toProvider?: boolean },
  path: string,
  body?: Record<string, unknown>,
): Promise<Response> {
  // Where a write comes from was checked at the door.
  const headers = new Headers({ origin: ownOrigin(request.headers) });
  for (const name of PASSED_ON) {
    const value = request.headers.get(name);
    if (value !== null) headers.set(name, value);
  }
  if (request.withoutSession) headers.set("cookie", withoutSession(headers.get("cookie") ?? ""));
  if (body) headers.set("content-type", "application/json");
  const auth = await (request.toProvider ? openAuthWithProviders() : openAuth());
  return auth.handler(
    new Request(new URL(`${BASE}${path}`, ownOrigin(request.headers)), {
      method: body ? "POST" : "GET",
      headers,
      ...(body ? { body: JSON.stringify(body) } : {}),
    }),
  );
}

/** An older session beside the one that begins would be taken for the one that is meant. */
const withoutSession = (cookie: string): string =>
  cookie
    .split(/; */)
    .filter((pair) => !/session_token=/.test(pair))
    .join("; ");

/** The value of a signed cookie, without looking at its signature; for looking up, never for trusting. */
export function signedCookie(headers: Headers, name: string): string | null {
  for (const pair of (headers.get("cookie") ?? "").split(/; */)) {
    const [key = "", value = ""] = pair.split(/=(.*)/s);
    if (key.endsWith(`standdown.${name}`)) return decodeURIComponent(value).split(".")[0] ?? null;
  }
  return null;
}

/** Why the library said no; empty for an answer of another shape. */
export async function codeOf(response: Response): Promise<string> {
  const body: unknown = await response
    .clone()
    .json()
    .catch(() => null);
  return typeof body === "object" && body !== null && "code" in body ? String(body.code) : "";
}

/** Our answer with the cookies of the library's. */
export function answer(value: unknown, from?: Response): Response {
  const headers = new Headers({ "cache-control": "no-store" });
  for (const cookie of from?.headers.getSetCookie() ?? []) headers.append("set-cookie", cookie);
  return Response.json(value, { headers });
}
