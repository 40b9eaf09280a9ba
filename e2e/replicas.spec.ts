import { createServer, request, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "@playwright/test";
import { Client } from "pg";
import type { AuditLine } from "../lib/audit/schema";
import { startPostgres, type PostgresServer } from "../lib/db/testing/postgres-server";
import type { Result } from "../lib/errors";
import type { Plan, Send } from "../lib/lifecycle/schema";
import { startSimulator, type Simulator } from "../lib/simulator/cluster";
import { builtActions, callAction } from "./support/built";
import { startConsole, type Console } from "./support/console";
import { addPerson } from "./support/people";
import { ADMINISTRATOR, signIn, type Account } from "./support/sign-in";

const CLUSTER = "demo";
const PASSWORD = "only-for-tests";
const KEY = Buffer.alloc(32, 7).toString("base64");
const PRESSES = 10;

let postgres: PostgresServer;
let simulator: Simulator;
let consoles: Console[];
let proxy: { url: string; served: number[]; close: () => void };

/** Hands each request to the next console, and knows nothing else. */
async function startProxy(targets: readonly string[]): Promise<typeof proxy> {
  const served = targets.map(() => 0);
  let turn = 0;
  const server: Server = createServer((incoming, outgoing) => {
    const at = turn++ % targets.length;
    served[at] = (served[at] ?? 0) + 1;
    const { method, url, headers } = incoming;
    const onward = request(new URL(url ?? "/", targets[at]), { method, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    onward.once("error", () => outgoing.destroy());
    incoming.pipe(onward);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo; // a listening TCP server has one
  return { url: `http://127.0.0.1:${port}`, served, close: () => server.close() };
}

test.describe.configure({ mode: "serial", timeout: 90_000 });

test.beforeAll(async () => {
  postgres = await startPostgres();
  simulator = await startSimulator({
    ...{ scenario: "medium", basePort: 0, timeScale: 10, password: PASSWORD, clusterName: "demo" },
  });
  const agents = simulator.agents.slice(0, 3).map((agent) => agent.address);
  const cluster = { id: CLUSTER, name: "demo", environment: "TEST" as const, agents, password: PASSWORD };
  const start = () => startConsole([cluster], postgres.url, { STANDDOWN_KEY: KEY });
  consoles = await Promise.all([start(), start()]);
  proxy = await startProxy(consoles.map(({ url }) => url));
});

test.afterAll(async () => {
  proxy.close();
  await Promise.all(consoles.map((console) => console.stop()));
  await simulator.close();
  await postgres.stop();
});

async function act<T>(cookie: string, name: string, input: object): Promise<Result<T>> {
  const action = builtActions().find((one) => one.name === name);
  if (!action) throw new Error(`The build has no action ${name}.`);
  const page = `/clusters/${CLUSTER}/stop`;
  const { value } = await callAction(proxy.url, action, [{ clusterId: CLUSTER, ...input }], { cookie, page });
  return value as Result<T>; // what the gate answers with
}

const stopsSent = () => simulator.requests.filter(({ method, path }) => method === "POST" && /\/stop$/.test(path));

async function makePlan(cookie: string): Promise<Plan> {
  const made = await act<Plan>(cookie, "makePlan", {
    ...{ action: "stop", servers: [simulator.agents[4]?.address ?? ""], method: "force" },
    ...{ releases: [], continues: null, cancels: null },
  });
  if (!made.ok) throw new Error(`no plan: ${JSON.stringify(made.failure)}`);
  return made.value;
}

const confirm = (cookie: string, { id, fingerprint }: Plan) =>
  act<Send>(cookie, "confirmPlan", { planId: id, fingerprint, reason: "INC-4471", typedName: "demo" });

const readSend = async (console: Console, cookie: string, planId: string): Promise<Send> => {
  const path = `/api/clusters/${CLUSTER}/plans/${planId}/send`;
  return (await (await fetch(console.url + path, { headers: { cookie } })).json()) as Send; // as the read answers
};

/** Ends of runs that the record knows; a person who was added has a `finished` line as well. */
async function recorded(): Promise<AuditLine[]> {
  const client = new Client({ connectionString: postgres.url });
  await client.connect();
  const ends = "select line from audit where event = 'finished' and action = 'cluster.stop' order by seq";
  const { rows } = await client.query<{ line: string }>(ends);
  await client.end();
  return rows.map(({ line }) => JSON.parse(line) as AuditLine); // a console itself wrote it
}

test("ten presses of one plan's button, through two consoles, are one request at the agents", async () => {
  const maker = await signIn(proxy.url, ADMINISTRATOR);
  const [first] = consoles;
  const other: Account = await addPerson(first as Console, "li.wei", [
    { role: "operator", level: "global", target: "" },
  ]);
  const plan = await makePlan(maker);
  const foreign = await confirm(await signIn(proxy.url, other), plan);
  expect(foreign).toMatchObject({ ok: false, failure: { kind: "plan-of-another" } });

  const before = [...proxy.served];
  const answers = await Promise.all(Array.from({ length: PRESSES }, () => confirm(maker, plan)));
  expect(proxy.served.map((count, at) => count - (before[at] ?? 0))).toEqual([PRESSES / 2, PRESSES / 2]);
  expect(answers.filter((answer) => answer.ok)).toHaveLength(1);
  expect(stopsSent()).toHaveLength(1);
  for (const answer of answers)
    if (!answer.ok) expect(["plan-used", "stop-in-progress", "plan-changed"]).toContain(answer.failure.kind);

  // Either console can tell what became of it, and neither sends it again.
  const sends = await Promise.all(consoles.map((console) => readSend(console, maker, plan.id)));
  expect(sends[0]).toMatchObject({ state: "accepted" });
  expect(sends[1]).toEqual(sends[0]);
  expect(await confirm(maker, plan)).toMatchObject({ ok: false, failure: { kind: "plan-used" } });
  expect(stopsSent()).toHaveLength(1);
});

test("when one console is killed after sending, the other follows the run to its end", async () => {
  const maker = await signIn(proxy.url, ADMINISTRATOR);
  await expect.poll(async () => (await recorded()).length, { timeout: 60_000 }).toBe(1);
  const target = simulator.agents[4]?.address ?? "";
  simulator.setObserver(target, "serving");
  // The server is booting: until it serves, each look finds another state than the one before, and nothing is sent.
  await expect
    .poll(async () => confirm(maker, await makePlan(maker)), { timeout: 40_000 })
    .toMatchObject({ ok: true, value: { state: "accepted" } });
  await consoles[0]?.kill();
  await expect.poll(async () => (await recorded()).length, { timeout: 60_000 }).toBe(2);
  expect((await recorded()).at(-1)).toMatchObject({
    by: "engine",
    detail: { counts: { done: 1, failed: 0, unreported: 0 } },
  });
  expect(stopsSent()).toHaveLength(2);
});
