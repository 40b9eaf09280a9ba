import { getMigrations } from "better-auth/db/migration";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ENGINES, freshStore, type FreshStore } from "../db/testing/fresh-store";
import { openStore } from "../db/store";
import { openAuth } from "./auth";
import { currentPerson } from "./current-person";
import { ensureFirstAdministrator } from "./first-administrator";
import type { Database } from "../db/tables";
import { createPerson, listPeople, resetPassword } from "./people";
import { record } from "./record";
import { may } from "./permissions";
import { signInAgain, signInAs, TEST_PASSWORD } from "./testing/sign-in";

describe.each(ENGINES)("people on %s", (engine) => {
  let fresh: FreshStore;
  beforeEach(async () => {
    fresh = await freshStore(engine);
  });
  afterEach(() => fresh.dispose());

  test("our tables are those that the library asks for: nothing to create, nothing to add", async () => {
    const { options } = await openAuth();
    const { toBeCreated, toBeAdded, compileMigrations } = await getMigrations(options);
    expect(toBeCreated).toEqual([]);
    expect(toBeAdded).toEqual([]);
    expect((await compileMigrations()).replaceAll(/[;\s]/g, "")).toBe("");
  });

  test("a cookie tells who it is, what they may do and when they proved it", async () => {
    const since = Date.now();
    const { id, headers } = await signInAs("li.wei", [{ role: "operator", level: "environment", target: "TEST" }]);
    const person = await currentPerson(headers);
    expect(person).toMatchObject({
      id,
      name: "li.wei",
      grants: [{ role: "operator", level: "environment", target: "TEST" }],
      hasTotp: false,
    });
    expect(Date.parse(person?.provenAt ?? "")).toBeGreaterThanOrEqual(since - 1_000);
    expect(may(person?.grants ?? [], "cluster.stop", { id: "c1", environment: "TEST" })).toBe(true);
    expect(may(person?.grants ?? [], "cluster.stop", { id: "c1", environment: "PROD" })).toBe(false);
  });

  test("no cookie, a made-up cookie and one that was changed are nobody's", async () => {
    const { headers } = await signInAs("li.wei");
    const cookie = headers.get("cookie") ?? "";
    expect(await currentPerson(new Headers())).toBeNull();
    expect(await currentPerson(new Headers({ cookie: "standdown.session_token=abc.def" }))).toBeNull();
    const other = cookie.replace(/=(.)/, (_, first: string) => `=${first === "a" ? "b" : "a"}`);
    expect(await currentPerson(new Headers({ cookie: other }))).toBeNull();
    expect((await currentPerson(new Headers({ cookie })))?.name).toBe("li.wei");
  });

  test("whoever is deactivated is signed out at the next request, and does not come in again", async () => {
    const { id, headers } = await signInAs("li.wei");
    const { db } = await openStore();
    await db
      .updateTable("person")
      .set({ deactivated_at: "2026-01-01T00:00:00.000Z" })
      .where("user_id", "=", id)
      .execute();
    expect(await currentPerson(headers)).toBeNull();
    await expect(signInAgain("li.wei")).rejects.toThrow("403");
  });

  test("nobody signs up, and a name is given once", async () => {
    const auth = await openAuth();
    const body = { email: "x@example.org", password: TEST_PASSWORD, name: "x", username: "mallory" };
    await expect(auth.api.signUpEmail({ body })).rejects.toThrow();
    const person = { name: "Li.Wei", password: TEST_PASSWORD, isOneTime: false, grants: [] };
    await createPerson(person);
    await expect(createPerson({ ...person, name: "li.wei" })).rejects.toMatchObject({ kind: "name-taken" });
    await expect(createPerson({ ...person, name: "li@wei" })).rejects.toMatchObject({ kind: "name-unfit" });
    await expect(createPerson({ ...person, name: "zh", password: "short" })).rejects.toMatchObject({
      kind: "password-unfit",
    });
    for (const name of ["console", "Engine"])
      await expect(createPerson({ ...person, name })).rejects.toMatchObject({ kind: "name-unfit" });
    expect((await listPeople()).map(({ name }) => name)).toEqual(["li.wei"]);
  });

  test("the first administrator comes from the environment, once, and never beside somebody else", async () => {
    expect(await ensureFirstAdministrator({})).toBe("missing");
    const env = { STANDDOWN_ADMIN_NAME: "root.admin", STANDDOWN_ADMIN_PASSWORD: TEST_PASSWORD };
    const starts = await Promise.all([ensureFirstAdministrator(env), ensureFirstAdministrator(env)]);
    expect(starts.sort()).toEqual(["made", "there"]);
    expect(await ensureFirstAdministrator({ ...env, STANDDOWN_ADMIN_NAME: "other" })).toBe("there");
    expect(await listPeople()).toMatchObject([
      { name: "root.admin", grants: [{ role: "administrator", level: "global", target: "" }] },
    ]);
    expect((await currentPerson(await signInAgain("root.admin")))?.name).toBe("root.admin");
    const { db } = await openStore();
    const lines = await db.selectFrom("audit").select(["action", "event", "person", "line"]).execute();
    expect(lines).toMatchObject([{ action: "person.add", event: "finished", person: "console" }]);
    expect(lines[0]?.line).toContain("root.admin");
  });

  test("whom no line of the audit can tell of is not made, and keeps the password they have", async () => {
    const { db } = await openStore();
    const { id, headers } = await signInAs("li.wei");
    await db.deleteFrom("audit_head").execute();
    const env = { STANDDOWN_ADMIN_NAME: "root.admin", STANDDOWN_ADMIN_PASSWORD: TEST_PASSWORD };
    const tell = (tx: Database) =>
      record({ action: "person.add", event: "finished", by: "console", facts: ["zh"] }, tx);
    const person = { name: "zh", password: TEST_PASSWORD, isOneTime: false, grants: [] };
    await expect(createPerson(person, tell)).rejects.toMatchObject({ kind: "audit-unwritable" });
    await expect(resetPassword(id, "another-password-1", true, tell)).rejects.toMatchObject({
      kind: "audit-unwritable",
    });
    expect((await listPeople()).map(({ name, isNew }) => [name, isNew])).toEqual([["li.wei", false]]);
    expect((await currentPerson(headers))?.name).toBe("li.wei");
    await db.deleteFrom("user").execute();
    await expect(ensureFirstAdministrator(env)).rejects.toMatchObject({ kind: "audit-unwritable" });
    expect(await listPeople()).toEqual([]);
  });
});
