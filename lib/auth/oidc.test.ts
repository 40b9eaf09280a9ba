import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ENGINES, freshStore, type FreshStore } from "../db/testing/fresh-store";
import { openStore } from "../db/store";
import { currentPerson } from "./current-person";
import { answerGet, answerPost } from "./endpoints";
import { createPerson, listPeople } from "./people";
import { startIdentityProvider, type IdentityProvider } from "./testing/identity-provider";
import { isAppError } from "../errors";
import { provePerson } from "./prove";
import { cookieOf, TEST_PASSWORD } from "./testing/sign-in";
import { totpCode } from "./testing/totp";

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
  /** The kind of failure where it is refused. */
  const post = async (path: string, body: object): Promise<unknown> => {
    try {
      const response = await answerPost(path, browser(), body);
      if (!response) throw new Error(`nothing at ${path}`);
      cookie = cookieOf(response, cookie);
      return await response.json();
    } catch (error) {
      if (isAppError(error)) return error.kind;
      throw error;
    }
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

  test("a sign-in is asked for as an act, and is no newer than the provider says", async () => {
    await go();
    expect(corp.asked.get("prompt")).toBe("login");
    const since = Date.now();
    expect(Date.parse((await currentPerson(browser()))?.provenAt ?? "")).toBeGreaterThan(since - 10_000);
    const seenAt = Math.floor(since / 1_000) - 3_600;
    corp.person = { sub: "1", auth_time: seenAt };
    cookie = "";
    await go();
    expect(Date.parse((await currentPerson(browser()))?.provenAt ?? "")).toBe(seenAt * 1_000);
  });

  const age = async (minutes: number) => {
    const { db } = await openStore();
    const provenAt = new Date(Date.now() - minutes * 60_000).toISOString();
    const expiresAt = new Date(Date.now() + 3_600_000).toISOString();
    await db.updateTable("session").set({ provenAt, expiresAt }).execute();
    return { provenAt, expiresAt };
  };
  const session = async () => {
    const { db } = await openStore();
    const rows = await db.selectFrom("session").select(["provenAt", "expiresAt"]).execute();
    return rows.map((row) => ({ provenAt: row.provenAt, expiresAt: new Date(row.expiresAt).toISOString() }));
  };

  test("without a password an old sign-in changes no second factor, and neither does one without a code", async () => {
    await go();
    await age(16);
    expect(await post("totp/begin", { password: "" })).toBe("proof-too-old");
    const limits = await age(14);
    const made = (await post("totp/begin", { password: "" })) as { secret: string; backupCodes: string[] };
    expect(await post("totp/confirm", { code: totpCode(made.secret) })).toBeNull();
    expect(await session()).toEqual([limits]);
    for (const path of ["totp/remove", "backup-codes"]) {
      await age(16);
      expect(await post(path, { password: "", code: totpCode(made.secret) })).toBe("proof-too-old");
      await age(14);
      expect(await post(path, { password: "" })).toBe("code-wrong");
      expect(await post(path, { password: "", code: "000000" })).toBe("code-wrong");
    }
    await provePerson(browser(), { totp: totpCode(made.secret) }); // ends the failures in a row
    const again = await age(14);
    expect(await post("backup-codes", { password: "", code: totpCode(made.secret) })).toMatchObject({
      backupCodes: expect.any(Array) as string[],
    });
    expect(await post("totp/remove", { password: "", code: made.backupCodes[0] })).toBe("code-wrong");
    expect(await post("totp/remove", { password: "", code: totpCode(made.secret) })).toBeNull();
    expect(await currentPerson(browser())).toMatchObject({ hasTotp: false, provenAt: again.provenAt });
    expect(await session()).toEqual([again]);
  });

  test("a first sign-in that broke off on the way is made up for by the next", async () => {
    corp.person = { sub: "s-1", preferred_username: "li.wei" };
    await go();
    const { db } = await openStore();
    await db.deleteFrom("person").execute();
    await db.deleteFrom("role_grant").execute();
    cookie = "";
    await go();
    expect(await currentPerson(browser())).toMatchObject({ name: "li.wei@corp", grants });
    expect((await listPeople()).map(({ name }) => name)).toEqual(["li.wei@corp"]);

    for (const table of ["person", "role_grant", "account", "session"] as const) await db.deleteFrom(table).execute();
    await db
      .updateTable("user")
      .set({ createdAt: "2026-01-01T00:00:00.000Z" } as object)
      .execute();
    cookie = "";
    await go();
    expect(await currentPerson(browser())).toMatchObject({ name: "li.wei@corp", grants });
  });

  test("grants that somebody was given since stay at the next sign-in", async () => {
    await go();
    const { db } = await openStore();
    await db.deleteFrom("role_grant").execute();
    cookie = "";
    await go();
    expect((await currentPerson(browser()))?.grants).toEqual([]);
  });

  test("a provider that cannot be reached leaves the sign-in page standing, and works once it is back", async () => {
    const { issuer } = corp;
    await corp.stop();
    expect(await go()).toBe(`${ORIGIN}/login?failure=provider-failed&about=Corp`);
    expect(issuer).toContain("127.0.0.1");
  });
});
