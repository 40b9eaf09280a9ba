import type { BrowserContext } from "@playwright/test";

export interface Account {
  name: string;
  password: string;
}

/** Made by every console of the tests at its first start. */
export const ADMINISTRATOR: Account = { name: "admin", password: "correct horse battery" };

/** The cookie header of a new session, from the console's own sign-in. */
export async function signIn(url: string, { name, password }: Account): Promise<string> {
  const answer = await fetch(`${url}/api/auth/sign-in`, {
    method: "POST",
    headers: { "content-type": "application/json", origin: url },
    body: JSON.stringify({ name, password }),
  });
  if (!answer.ok) throw new Error(`${name} could not sign in: ${answer.status} ${await answer.text()}`);
  return answer.headers
    .getSetCookie()
    .map((cookie) => cookie.split(";")[0] ?? "")
    .join("; ");
}

/** Signs a browser in without its sign-in page. */
export async function signInBrowser(context: BrowserContext, url: string, account = ADMINISTRATOR): Promise<void> {
  const cookies = (await signIn(url, account)).split("; ").map((pair) => {
    const at = pair.indexOf("=");
    return { name: pair.slice(0, at), value: pair.slice(at + 1), url };
  });
  await context.addCookies(cookies);
}
