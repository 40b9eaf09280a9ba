import { openAuth } from "../auth";
import { createPerson } from "../people";
import type { Grant } from "../schema";

export const TEST_PASSWORD = "only-for-tests-7";

/** Every cookie that an answer sets, as the header with which a browser sends it back. */
export const cookieOf = (response: Response, before = ""): string => {
  const jar = new Map(
    before
      .split("; ")
      .filter(Boolean)
      .map((pair) => [pair.slice(0, pair.indexOf("=")), pair] as const),
  );
  for (const line of response.headers.getSetCookie()) {
    const [pair = ""] = line.split(";");
    const name = pair.slice(0, pair.indexOf("="));
    if (/max-age=0/i.test(line)) jar.delete(name);
    else jar.set(name, pair);
  }
  return [...jar.values()].join("; ");
};

/** Makes a person with these grants, signs them in, and gives the headers of their browser. */
export async function signInAs(
  name: string,
  grants: readonly Grant[] = [{ role: "viewer", level: "global", target: "" }],
): Promise<{ id: string; headers: Headers }> {
  const id = await createPerson({ name, password: TEST_PASSWORD, isOneTime: false, grants });
  return { id, headers: await signInAgain(name) };
}

/** Another session of somebody who is there already. */
export async function signInAgain(name: string, password = TEST_PASSWORD): Promise<Headers> {
  const auth = await openAuth();
  const response = await auth.api.signInUsername({
    body: { username: name, password },
    headers: new Headers({ host: "127.0.0.1" }),
    asResponse: true,
  });
  if (!response.ok) throw new Error(`sign-in of ${name} answered ${response.status}: ${await response.text()}`);
  return new Headers({ cookie: cookieOf(response), host: "127.0.0.1", origin: "http://127.0.0.1" });
}
