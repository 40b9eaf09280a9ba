import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ENGINES, freshStore, type FreshStore } from "../db/testing/fresh-store";
import { currentPerson } from "./current-person";
import { answerPost } from "./endpoints";
import { addPerson, changeGrants, resetPerson, setActive } from "./manage-people";
import { listPeople } from "./people";
import type { Grant } from "./schema";
import { signInAgain, signInAs } from "./testing/sign-in";

const ADMINISTRATOR: Grant[] = [{ role: "administrator", level: "global", target: "" }];
const OPERATOR: Grant[] = [{ role: "operator", level: "cluster", target: "c1" }];

describe.each(ENGINES)("managing people on %s", (engine) => {
  let fresh: FreshStore;
  beforeEach(async () => {
    fresh = await freshStore(engine);
  });
  afterEach(() => fresh.dispose());

  const person = async (name: string) => (await listPeople()).find((one) => one.name === name);
  const signIn = async (name: string, password: string) => {
    const response = await answerPost("sign-in", new Headers({ host: "127.0.0.1" }), { name, password });
    return (await response?.json()) as unknown;
  };

  test("whoever is added gets a one-time password and exactly the roles that were given", async () => {
    const { password } = await addPerson({ name: "li.wei", grants: OPERATOR });
    expect(await signIn("li.wei", password)).toEqual({ step: "new-password", name: "li.wei" });
    expect(await person("li.wei")).toMatchObject({ grants: OPERATOR, isNew: true, hasPassword: true });
  });

  test("roles count from the next request on, and a reset ends sessions and asks for a new password", async () => {
    await signInAs("root", ADMINISTRATOR);
    const { id, headers } = await signInAs("li.wei", []);
    await changeGrants({ id, grants: [...OPERATOR, ...OPERATOR] });
    expect((await currentPerson(headers))?.grants).toEqual(OPERATOR);
    const { password } = await resetPerson({ id });
    expect(await currentPerson(headers)).toBeNull();
    expect(await signIn("li.wei", password)).toMatchObject({ step: "new-password" });
  });

  test("whoever is deactivated is out at once and comes back with the same roles", async () => {
    await signInAs("root", ADMINISTRATOR);
    const { id, headers } = await signInAs("li.wei", OPERATOR);
    await setActive({ id, isActive: false });
    expect(await currentPerson(headers)).toBeNull();
    await expect(signInAgain("li.wei")).rejects.toThrow("403");
    await setActive({ id, isActive: true });
    expect(await currentPerson(await signInAgain("li.wei"))).toMatchObject({ grants: OPERATOR });
  });

  test("the last administrator everywhere stays one, also when two remove each other at once", async () => {
    const { id: first } = await signInAs("first", ADMINISTRATOR);
    await expect(changeGrants({ id: first, grants: OPERATOR })).rejects.toMatchObject({ kind: "last-administrator" });
    await expect(setActive({ id: first, isActive: false })).rejects.toMatchObject({ kind: "last-administrator" });
    const { id: second } = await signInAs("second", ADMINISTRATOR);
    const both = await Promise.allSettled([
      setActive({ id: second, isActive: false }),
      changeGrants({ id: first, grants: [] }),
    ]);
    expect(both.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    await expect(setActive({ id: "nobody", isActive: false })).rejects.toMatchObject({ kind: "person-unknown" });
  });
});
