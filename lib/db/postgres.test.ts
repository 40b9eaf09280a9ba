import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { sql } from "kysely";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { isStoreAway } from "../store-away";
import { openStore } from "./store";
import { freshStore, restartProcess, type FreshStore } from "./testing/fresh-store";
import { startPostgres, type PostgresServer } from "./testing/postgres-server";

let fresh: FreshStore;
beforeEach(async () => {
  fresh = await freshStore("postgres");
});
afterEach(() => fresh.dispose());

/** What a call comes to: its value, `away`, or why it failed otherwise. */
const fate = (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    () => "answered",
    (error: unknown) => (isStoreAway(error) ? "away" : String(error)),
  );
const ask = async () => sql`select 1`.execute((await openStore()).db);

test("nothing waits for ever: statements, locks and forgotten transactions have their limits", async () => {
  const { db } = await openStore();
  const limits = await Promise.all(
    ["statement_timeout", "idle_in_transaction_session_timeout"].map((name) =>
      sql<Record<string, string>>`select current_setting(${name}) as value`.execute(db),
    ),
  );
  expect(limits.map(({ rows }) => rows[0]?.["value"])).toEqual(["12s", "15s"]);
});

test("a statement that takes too long is a store that is away; one that is wrong is not", async () => {
  const url = new URL(process.env.DATABASE_URL ?? "");
  url.searchParams.set("statement_timeout", "100");
  vi.stubEnv("DATABASE_URL", url.href);
  await restartProcess();
  const { db } = await openStore();
  expect(await fate(sql`select pg_sleep(5)`.execute(db))).toBe("away");
  expect(await fate(sql`select no_such_thing`.execute(db))).toContain("no_such_thing");
  expect(await fate(ask())).toBe("answered");
});

test("a network that is silent costs one wait, and not the connection's next user another one", async () => {
  const url = new URL(process.env.DATABASE_URL ?? "");
  const { hostname, port } = url;
  let isSilent = false;
  const sockets: Socket[] = [];
  const proxy = createServer((socket) => {
    const behind = connect(Number(port), hostname);
    sockets.push(socket, behind);
    socket.on("error", () => undefined).on("data", (bytes) => (isSilent ? undefined : behind.write(bytes)));
    behind.on("error", () => undefined).on("data", (bytes) => socket.write(bytes));
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  url.port = String((proxy.address() as AddressInfo).port);
  url.searchParams.set("query_timeout", "300");
  vi.stubEnv("DATABASE_URL", url.href);
  await restartProcess();
  expect(await fate(ask())).toBe("answered");
  isSilent = true;
  expect(await fate(ask())).toBe("away");
  isSilent = false;
  expect(await fate(ask())).toBe("answered");
  await restartProcess();
  for (const socket of sockets) socket.destroy();
  proxy.close();
});

describe("a server that stops and starts again", () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres();
  }, 60_000);
  afterAll(() => server.stop(), 30_000);

  test("ends nothing but what was asked of it: the process lives on and finds it again by itself", async () => {
    vi.stubEnv("DATABASE_URL", server.url);
    await restartProcess();
    const { db } = await openStore();
    expect(await fate(ask())).toBe("answered");
    let held: unknown;
    const holding = fate(
      db.transaction().execute(async (transaction) => {
        await server.halt(); // while a transaction holds a connection that asks nothing, and another one is idle
        held = await fate(sql`select 1`.execute(transaction));
        throw new Error("given up");
      }),
    );
    expect(await holding).not.toBe("answered");
    expect(held).toBe("away");
    expect(await fate(ask())).toBe("away");
    await server.resume();
    expect(await fate(ask())).toBe("answered");
    await restartProcess();
  }, 60_000);
});
