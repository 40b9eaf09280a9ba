import { expect, test as base } from "@playwright/test";
import { startPostgres, type PostgresServer } from "../lib/db/testing/postgres-server";
import type { Grant } from "../lib/auth/schema";
import { builtActions, builtRoutes, callAction, fill } from "./support/built";
import { addPerson } from "./support/people";
import { ADMINISTRATOR, signIn } from "./support/sign-in";
import { test } from "./support/standdown";

/** Who may do what, told a second time and by hand: this table and lib/auth/permissions.ts must agree. */
type Who = "anonymous" | "viewer" | "operator" | "administrator" | "other cluster's operator";
const SEE: Who[] = ["viewer", "operator", "administrator"];
const ACT: Who[] = ["operator", "administrator"];
const KEEP: Who[] = ["administrator"];
const SIGNED_IN: Who[] = [...SEE, "other cluster's operator"];

const GRANTS: Record<string, Grant[]> = {
  viewer: [{ role: "viewer", level: "environment", target: "TEST" }],
  operator: [{ role: "operator", level: "cluster", target: "demo" }],
  "other cluster's operator": [{ role: "operator", level: "cluster", target: "elsewhere" }],
};

const HANDLERS: Record<string, Who[]> = {
  "/api/audit/chain": KEEP,
  "/api/audit/export": KEEP,
  "/api/clusters": SIGNED_IN, // and holds the clusters that one may see
  "/api/clusters/tests/[test]": SIGNED_IN, // and holds one's own tests
  "/api/clusters/[cluster]/topology": SEE,
  "/api/clusters/[cluster]/plans/[plan]": SEE,
  "/api/clusters/[cluster]/plans/[plan]/send": SEE,
  "/api/clusters/[cluster]/standing": SEE,
  "/api/clusters/[cluster]/approvals/[approval]": SEE,
  "/api/clusters/[cluster]/runs": SEE,
  "/api/clusters/[cluster]/runs/[run]": SEE,
  "/api/clusters/[cluster]/runs/[run]/agents/[agent]": SEE,
  "/api/clusters/[cluster]/runs/[run]/tasks/[task]/log": SEE,
};

/** What the query names decides. */
const WITH_QUERY: Record<string, Who[]> = {
  "/api/audit/chain?cluster=demo": SEE,
  "/api/audit/export?cluster=demo": SEE,
  "/api/audit/export?cluster=demo&console=1": SEE, // and has nothing in it
};

const PAGES: Record<string, Who[]> = {
  "/": SIGNED_IN,
  "/audit": SIGNED_IN,
  "/clusters": SIGNED_IN,
  "/clusters/new": KEEP,
  "/settings": SIGNED_IN,
  "/settings/people": KEEP,
  "/clusters/[clusterId]": SEE,
  "/clusters/[clusterId]/approvals/[approvalId]": SEE,
  "/clusters/[clusterId]/audit": SEE,
  "/clusters/[clusterId]/runs": SEE,
  "/clusters/[clusterId]/runs/[runId]": SEE,
  "/clusters/[clusterId]/runs/[runId]/[operation]": SEE,
  "/clusters/[clusterId]/settings": KEEP,
  "/clusters/[clusterId]/start": SEE,
  "/clusters/[clusterId]/stop": SEE,
};

const plan = { clusterId: "demo", planId: "none" };

const testId = "00000000-0000-4000-8000-000000000000";
const draft = {
  name: "x",
  environment: "TEST",
  agents: ["127.0.0.1:1999"],
  twoPerson: false,
  password: "x",
  tls: null,
};

/** Arguments that are in form and do no harm to whoever may use them. */
const ACTIONS: Record<string, { who: Who[]; args: unknown[] }> = {
  makePlan: { who: ACT, args: [{ action: "cancel", clusterId: "demo", runId: "2167" }] },
  confirmPlan: { who: ACT, args: [{ ...plan, fingerprint: "x", reason: "INC-1", typedName: "" }] },
  cancelPlan: { who: ACT, args: [{ ...plan, reason: "INC-1" }] },
  checkOnly: { who: ACT, args: [plan] },
  trustAgentKey: { who: KEEP, args: [plan] },
  proveAgain: { who: ACT, args: [{ clusterId: "demo", proof: { totp: "000000" } }] },
  requestApproval: { who: ACT, args: [{ ...plan, reason: "INC-1" }] },
  decideApproval: { who: ACT, args: [{ clusterId: "demo", approvalId: "none", decision: "declined" }] },
  setMemberAside: { who: KEEP, args: [{ clusterId: "demo", server: "10.9.9.9:2882", reason: "INC-1" }] },
  takeMemberBack: { who: ACT, args: [{ clusterId: "demo", server: "10.9.9.9:2882" }] },
  closeIntent: { who: ACT, args: [{ ...plan, reason: "INC-1" }] },
  addNewCluster: { who: KEEP, args: [{ ...draft, clusterId: "added" }] },
  testNewCluster: { who: KEEP, args: [{ ...draft, clusterId: "", testId }] },
  changeSavedCluster: { who: KEEP, args: [{ ...draft, clusterId: "demo" }] },
  removeSavedCluster: { who: KEEP, args: [{ clusterId: "demo", typedName: "x" }] },
  testSavedCluster: { who: KEEP, args: [{ ...draft, clusterId: "demo", testId }] },
  acceptAgentKeys: {
    who: KEEP,
    args: [{ clusterId: "demo", keys: [{ address: "10.9.9.9:2886", fingerprint: "0".repeat(64) }] }],
  },
  addPerson: { who: KEEP, args: [{ name: "not a name", grants: [] }] },
  changeGrants: { who: KEEP, args: [{ id: "nobody", grants: [] }] },
  setActive: { who: KEEP, args: [{ id: "nobody", isActive: false }] },
  resetPerson: { who: KEEP, args: [{ id: "nobody" }] },
  acknowledgeRestore: { who: KEEP, args: [null] },
};

const VALUES = {
  cluster: "demo",
  clusterId: "demo",
  plan: "none",
  approval: "none",
  approvalId: "none",
  run: "1",
  runId: "1",
  operation: "cancel",
  task: "1",
  agent: "10.9.9.9:2886",
  test: testId,
};
const EVERYBODY: Who[] = ["anonymous", ...SIGNED_IN];

test.describe.configure({ timeout: 120_000 }); // some hundred requests, each judged

let postgres: PostgresServer;
base.beforeAll(async () => {
  postgres = await startPostgres();
});
base.afterAll(() => postgres.stop());

test("the table names every page, route and action of the build, and nothing else", () => {
  const { pages, handlers } = builtRoutes();
  expect(handlers.filter((path) => !path.startsWith("/api/auth/")).sort()).toEqual(Object.keys(HANDLERS).sort());
  expect(pages.filter((path) => !path.startsWith("/login")).sort()).toEqual(Object.keys(PAGES).sort());
  expect(
    builtActions()
      .map(({ name }) => name)
      .sort(),
  ).toEqual(Object.keys(ACTIONS).sort());
});

for (const engine of ["sqlite", "postgres"] as const) {
  test(`everybody may do what the table says and nothing more, on ${engine}`, async ({ standdown }) => {
    const databaseUrl = engine === "postgres" ? postgres.url : "";
    const console = await standdown({ scenario: "small", environment: "TEST", databaseUrl });
    const cookies: Partial<Record<Who, string>> = { administrator: await signIn(console.url, ADMINISTRATOR) };
    for (const who of Object.keys(GRANTS) as Who[])
      cookies[who] = await signIn(console.url, await addPerson(console, who.replaceAll(/\W/g, "."), GRANTS[who] ?? []));

    const wrong: string[] = [];
    const hold = (what: string, who: Who, allowed: Who[], isRefused: boolean) => {
      if (isRefused === allowed.includes(who)) wrong.push(`${what}: ${who} was ${isRefused ? "refused" : "let in"}`);
    };
    for (const who of EVERYBODY) {
      const cookie = cookies[who] ?? "";
      for (const [path, allowed] of Object.entries({ ...HANDLERS, ...WITH_QUERY })) {
        const { status } = await fetch(console.url + fill(path, VALUES), { headers: { cookie } });
        hold(`GET ${path}`, who, allowed, status === (who === "anonymous" ? 401 : 403));
      }
      for (const [path, allowed] of Object.entries(PAGES)) {
        const answer = await fetch(console.url + fill(path, VALUES), { headers: { cookie }, redirect: "manual" });
        const isSentAway = answer.status === 307 && (answer.headers.get("location") ?? "").startsWith("/login");
        hold(`page ${path}`, who, allowed, who === "anonymous" ? isSentAway : answer.status === 403);
        const isShown = answer.status === 200 || (path === "/" && answer.status === 307);
        if (allowed.includes(who) && !isShown) wrong.push(`page ${path}: ${who} was answered ${answer.status}`);
      }
      for (const action of builtActions()) {
        const { who: allowed, args } = ACTIONS[action.name] ?? { who: [], args: [] };
        const page = fill(action.page, VALUES);
        const { value } = await callAction(console.url, action, args, { cookie, page });
        const { failure } = value as { failure?: { kind: string } }; // every action answers a result
        hold(action.name, who, allowed, failure?.kind === (who === "anonymous" ? "signed-out" : "not-allowed"));
        if (failure?.kind === "input-invalid") wrong.push(`${action.name}: the table's arguments are not in form`);
      }
    }
    expect(wrong).toEqual([]);
    expect(console.simulator.requests.filter(({ method }) => method === "POST")).toEqual([]);
  });
}
