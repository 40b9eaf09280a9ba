import { headers } from "next/headers";
import { createTranslator } from "next-intl";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Grant } from "../auth/schema";
import { signInAs } from "../auth/testing/sign-in";
import { addCluster, changeCluster } from "../clusters/save-cluster";
import { changedClusterSchema, type ClusterDraft } from "../clusters/schema";
import { freshStore, type FreshStore } from "../db/testing/fresh-store";
import { MESSAGES } from "../i18n/messages";
import { defineAction } from "./define-action";
import { ARRIVAL_HEADER, arrivalMark } from "./peer";

vi.mock("next/headers", () => ({ headers: vi.fn() }));

/** Nothing listens there, and connections are refused at once. */
const AGENTS = { own: "127.0.0.1:2999", payments: "127.0.0.2:2999" };
const draft = (clusterId: string, change: Partial<ClusterDraft> = {}): ClusterDraft & { clusterId: string } => ({
  ...{ clusterId, name: clusterId, environment: "TEST", agents: [], twoPerson: false, password: "s3cret", tls: null },
  ...change,
});
const save = defineAction({
  permission: "cluster.change",
  cluster: ({ clusterId }) => clusterId,
  input: changedClusterSchema,
  run: (changed, { person }) => changeCluster(changed, person.name),
});

let fresh: FreshStore;
beforeEach(async () => {
  fresh = await freshStore();
  await addCluster(draft("own", { agents: [AGENTS.own] }), "li.wei");
  await addCluster(draft("pay-7", { name: "Payments", agents: [AGENTS.payments] }), "li.wei");
});
afterEach(() => fresh.dispose());

const OWN: Grant = { role: "administrator", level: "cluster", target: "own" };
const takenName = draft("own", { name: "payments", agents: [AGENTS.own] });
const takenAgent = draft("own", { agents: [AGENTS.own, AGENTS.payments] });

/** Both refusals, as somebody with these grants gets them. */
async function refusalsOf(grants: readonly Grant[]) {
  const { headers: browser } = await signInAs("zhao", grants);
  browser.set(ARRIVAL_HEADER, arrivalMark());
  vi.mocked(headers).mockResolvedValue(browser as unknown as Awaited<ReturnType<typeof headers>>); // read alone
  const answers = [await save(takenName), await save(takenAgent)];
  return answers.flatMap((answer) => (answer.ok ? [] : [answer.failure]));
}

const sentences = (failures: Awaited<ReturnType<typeof refusalsOf>>) =>
  (["en", "zh"] as const).flatMap((locale) => {
    const say = createTranslator({ locale, messages: MESSAGES[locale].errors });
    return failures.flatMap(({ kind, params }) => [say(`${kind}.what`, params), say(`${kind}.next`, params)]);
  });

test("whoever may not see the other cluster reads that there is one, and neither its name nor its id", async () => {
  const failures = await refusalsOf([OWN]);
  expect(failures.map(({ kind }) => kind)).toEqual(["cluster-name-taken", "cluster-registered"]);
  const seen = [...sentences(failures), JSON.stringify(failures)].join("\n");
  expect(seen).not.toMatch(/pay-7|Payments/);
  expect(seen).toContain("A registered cluster that you may not see has the same agents: 127.0.0.2:2999.");
  expect(sentences(failures).join("")).not.toContain("{");
});

test.each<[string, Grant]>([
  ["that cluster", { role: "viewer", level: "cluster", target: "pay-7" }],
  ["its environment", { role: "viewer", level: "environment", target: "TEST" }],
  ["every cluster", { role: "viewer", level: "global", target: "" }],
])("who may view %s reads its name and its id", async (_what, grant) => {
  const failures = await refusalsOf([OWN, grant]);
  expect(failures.map(({ params }) => params)).toMatchObject([
    { name: "Payments", id: "pay-7", seen: "yes" },
    { name: "Payments", id: "pay-7", seen: "yes" },
  ]);
  for (const sentence of sentences(failures).filter((_, at) => at % 2 === 0)) expect(sentence).toMatch(/Payments/);
});
