import "server-only";
import { isAppError, type FailureKind } from "../errors";
import { log } from "../log";
import { isStoreAway } from "../store-away";
import { ownPath } from "./own-path";
import type { SignInStep } from "./schema";

/**
 * The sign-in form as a browser sends it before any script has loaded: the answer is a page, not a value. Asked for with
 * the post itself, so that there is one sign-in, whichever way its form arrives.
 */
export async function answerForm(body: string, post: (body: unknown) => Promise<Response>): Promise<Response> {
  const form = new URLSearchParams(body);
  const next = ownPath(form.get("next"));
  const lead = (path: string, from?: Response) => {
    const headers = new Headers({ location: path, "cache-control": "no-store" });
    for (const cookie of from?.headers.getSetCookie() ?? []) headers.append("set-cookie", cookie);
    return new Response(null, { status: 303, headers });
  };
  const login = (more: Record<string, string>) => `/login?${new URLSearchParams({ next, ...more }).toString()}`;
  const refused = (kind: FailureKind, about = "") => lead(login({ failure: kind, ...(about ? { about } : {}) }));
  try {
    const response = await post({ name: form.get("name") ?? "", password: form.get("password") ?? "" });
    const { step } = (await response.clone().json()) as SignInStep; // our own answer
    return step === "done" ? lead(next, response) : lead(login({ step }), response);
  } catch (error) {
    if (isAppError(error))
      return refused(error.kind, String(error.facts.params?.wait ?? error.facts.params?.file ?? ""));
    log.error({ err: error }, "internal error");
    return refused(isStoreAway(error) ? "store-unavailable" : "internal");
  }
}
