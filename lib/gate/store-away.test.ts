import { headers } from "next/headers";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { z } from "zod";
import { appendLine } from "../audit/journal";
import { signInAs } from "../auth/testing/sign-in";
import { openStore } from "../db/store";
import { ENGINES, freshStore, restartProcess, type FreshStore } from "../db/testing/fresh-store";
import { startPostgres, type PostgresServer } from "../db/testing/postgres-server";
import { defineAction } from "./define-action";
import { defineRead } from "./define-read";
import { openPage } from "./page";
import { ARRIVAL_HEADER, arrivalMark } from "./peer";

vi.mock("next/headers", () => ({ headers: vi.fn() }));

/** From now on every request is this person's. */
const settle = (browser: Headers) =>
  vi.mocked(headers).mockImplementation(() => {
    const sent = new Headers(browser);
    sent.set(ARRIVAL_HEADER, arrivalMark());
    return Promise.resolve(sent as unknown as Awaited<ReturnType<typeof headers>>); // read alone
  });

const run = vi.fn(() => Promise.resolve("done"));
const input = z.object({});

const action = defineAction({
  ...{ permission: "person.manage" as const, input, run },
  audit: {
    open: () => ({ id: crypto.randomUUID(), action: "person.change", cluster: null, detail: {} }),
    close: () => ({ event: "accepted" }),
  },
});
const read = defineRead({ input, permission: null, run: async () => (await openStore()).engine });
const ask = async () => {
  const answer = await read(new Request("http://127.0.0.1/api"), { params: Promise.resolve(undefined) });
  return [answer.status, await answer.json()];
};
const AWAY = { kind: "store-unavailable" };

describe.each(ENGINES)("a store that is away, on %s", (engine) => {
  let fresh: FreshStore;
  let server: PostgresServer | null = null;
  beforeEach(async () => {
    run.mockClear();
    fresh = await freshStore(engine);
    if (engine === "sqlite") return;
    server = await startPostgres();
    vi.stubEnv("DATABASE_URL", server.url);
    await restartProcess();
  }, 60_000);
  afterEach(async () => {
    await fresh.dispose();
    await server?.stop();
  }, 30_000);

  /** PostgreSQL stops and starts; of the embedded engine a table that every request needs is gone for a while. */
  const goAway = async () =>
    server ? server.halt() : (await openStore()).db.schema.alterTable("session").renameTo("session_away").execute();
  const comeBack = async () =>
    server ? server.resume() : (await openStore()).db.schema.alterTable("session_away").renameTo("session").execute();

  test("reads, writes and pages say so, nothing is begun, and all go on when it is back", async () => {
    const { headers: browser } = await signInAs("li.wei", [{ role: "administrator", level: "global", target: "" }]);
    settle(browser);
    expect(await ask()).toEqual([200, engine]);
    expect(await action({})).toEqual({ ok: true, value: "done" });
    expect(run).toHaveBeenCalledTimes(1);
    await goAway();
    expect(await ask()).toEqual([503, { failure: AWAY }]);
    expect(await action({})).toEqual({ ok: false, failure: AWAY });
    expect(run).toHaveBeenCalledTimes(1);
    // What the page for it is chosen by, see app/error.tsx.
    await expect(openPage()).rejects.toMatchObject({ ...AWAY, digest: "store-unavailable" });
    if (server) {
      const line = {
        id: "a",
        event: "opened",
        action: "audit.export",
        by: "li.wei",
        cluster: null,
        detail: {},
      } as const;
      await expect(appendLine(line)).rejects.toMatchObject(AWAY);
    }
    await comeBack();
    expect(await ask()).toEqual([200, engine]);
    expect(await action({})).toEqual({ ok: true, value: "done" });
    expect((await openPage()).name).toBe("li.wei");
  }, 60_000);
});
