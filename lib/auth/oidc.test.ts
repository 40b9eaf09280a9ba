import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ENGINES, freshStore, type FreshStore } from "../db/testing/fresh-store";
import { openStore } from "../db/store";
import { currentPerson } from "./current-person";
import { answerGet } from "./endpoints";
import { createPerson, listPeople } from "./people";
import { startIdentityProvider, type IdentityProvider } from "./testing/identity-provider";
import { cookieOf, TEST_PASSWORD } from "./testing/sign-in";

const ORIGIN = "http://127.0.0.1:3210";

describe.each(ENGINES)("single sign-on on %s", (engine) => {
  let fresh: FreshStore;
  let corp: IdentityProvider;
  let cookie = "";
  const grants = [{ role: "operator", level: "environment", target: "TEST" }];
  beforeEach(async () => {
    corp = await startIdentityProvider({ id: "standdown", secret: "of-the-client" });
    const oidc = {
      id: "corp",
      name: "Corp",
      issuer: corp.issuer,
      clientId: "standdown",
      clientSecretEnv: "CORP_SECRET",
    };
    process.env.CORP_SECRET = "of-the-client";
    fresh = await freshStore(engine, {
      signIn: {
        oidc: [
          { ...oidc, grants },
          { ...oidc, id: "bare", name: "Bare" },
        ],
      },
    });
    cookie = "";
  });
  afterEach(async () => {
    await fresh.dispose();
    await corp.stop();
  });

  const browser = () => new Headers({ host: "127.0.0.1:3210", cookie });
  const get = async (address: string): Promise<string> => {
    const url = new URL(address, ORIGIN);
    const response = await answerGet(url.pathname.replace("/api/auth/", ""), browser(), url.searchParams);
    if (!response) throw new Error(`nothing at ${address}`);
    cookie = cookieOf(response, cookie);
    return response.headers.get("location") ?? "";
  };
  /** To the provider and back, as a browser is led; where it ends. */
  const go = async (id = "corp", next = "/clusters/c1?view=tiles"): Promise<string> => {
    const away = await get(`/api/auth/provider?id=${id}&next=${encodeURIComponent(next)}`);
    if (!away.startsWith(corp.issuer)) return away;
    const back = await fetch(away, { redirect: "manual" });
    return get(back.headers.get("location") ?? "");
  };
  const audit = async () => {
    const { db } = await openStore();
    const rows = await db.selectFrom("audit").select(["action", "event", "person"]).orderBy("seq").execute();
    return rows.map((row) => `${row.action} ${row.event} ${row.person}`);
  };

  test("who comes first gets what the configuration gives, is led back, and is the same person next time", async () => {
    corp.person = { sub: "s-1", preferred_username: "Li.Wei@corp.example", email: "li.wei@corp.example" };
    const end = `${ORIGIN}/login?next=${encodeURIComponent("/clusters/c1?view=tiles")}`;
    expect(await go()).toBe(end);
    const person = await currentPerson(browser());
    expect(person).toMatchObject({ name: "li.wei@corp", grants, hasTotp: false });
    cookie = "";
    expect(await go()).toBe(end);
    expect((await currentPerson(browser()))?.id).toBe(person?.id);
    expect(await audit()).toEqual([
      "person.add finished console",
      "session.sign-in accepted li.wei@corp",
      "session.sign-in accepted li.wei@corp",
    ]);
  });

  test("nobody from outside becomes a local person, or another one, by calling themselves alike", async () => {
    await createPerson({ name: "admin", password: TEST_PASSWORD, isOneTime: false, grants: [] });
    const names: (string | undefined)[] = [];
    for (const [id, sub] of [
      ["corp", "s-1"],
      ["corp", "s-2"],
      ["bare", "s-1"],
    ]) {
      corp.person = { sub: sub ?? "", preferred_username: "admin", email: "admin@localhost.invalid" };
      cookie = "";
      await go(id);
      names.push((await currentPerson(browser()))?.name);
    }
    expect(names).toEqual(["admin@corp", expect.stringMatching(/^admin-[0-9a-f]{5}@corp$/), "admin@bare"]);
    expect(await listPeople()).toHaveLength(4);
  });

  test("without grants in the configuration somebody new may do nothing yet", async () => {
    corp.person = { sub: "s-1" };
    await go("bare");
    expect(await currentPerson(browser())).toMatchObject({
      name: expect.stringMatching(/^id-[0-9a-f]{8}@bare$/) as string,
      grants: [],
    });
  });

  test.each(["other-key", "other-audience", "other-nonce", "no-token"] as const)(
    "an id token with the fault %s signs nobody in, and the refusal is on the record",
    async (fault) => {
      corp.person = { sub: "s-1", preferred_username: "li.wei" };
      corp.fault = fault;
      expect(await go()).toBe(`${ORIGIN}/login?failure=provider-failed&about=Corp`);
      expect(await currentPerson(browser())).toBeNull();
      expect(await listPeople()).toEqual([]);
      expect(await audit()).toEqual(["session.refused refused console"]);
    },
  );

  test("a state of another browser, a deactivated person and a foreign address to go on to are refused", async () => {
    corp.person = { sub: "s-1", preferred_username: "li.wei" };
    const away = await get("/api/auth/provider?id=corp");
    const back = (await fetch(away, { redirect: "manual" })).headers.get("location") ?? "";
    cookie = "";
    expect(await get(back)).toContain("failure=provider-failed");
    expect(await currentPerson(browser())).toBeNull();

    expect(await go("corp", "//evil.example/")).toBe(`${ORIGIN}/login?next=%2F`);
    const { db } = await openStore();
    await db.updateTable("person").set({ deactivated_at: "2026-01-01T00:00:00.000Z" }).execute();
    expect(await currentPerson(browser())).toBeNull();
    cookie = "";
    expect(await go()).toContain("failure=person-deactivated");
    expect(await currentPerson(browser())).toBeNull();
  });

  test("a provider that cannot be reached leaves the sign-in page standing, and works once it is back", async () => {
    const { issuer } = corp;
    await corp.stop();
    expect(await go()).toBe(`${ORIGIN}/login?failure=provider-failed&about=Corp`);
    expect(issuer).toContain("127.0.0.1");
  });
});
