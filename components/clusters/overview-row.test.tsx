import { cleanup } from "@testing-library/react";
import { expect, test } from "vitest";
import { at, atTwentyPastThree, LOCALES, show } from "@/components/testing/show";
import type { ClusterHealth, ClusterSummary, Unheard } from "@/lib/clusters/schema";
import { OverviewRow } from "./overview-row";

atTwentyPastThree();

const first: Unheard[] = [
  { address: "10.0.1.2:2886", zone: "zone1", condition: "silent", since: at("03:12:04") },
  { address: "10.0.2.1:2886", zone: "zone2", condition: "hangs", since: at("03:13:05") },
];

const cluster = (health: ClusterHealth, unheard: ClusterSummary["unheard"]): ClusterSummary => ({
  ...{ id: "c1", name: "core", environment: "TEST", twoPerson: false, source: "store" },
  ...{ health, failure: null, servers: { total: 9, serving: 9, unclear: 0, changing: 0, notReported: 0 }, unheard },
  ...{ downByUs: 0, zonesByUs: [], setAside: 0, intent: null, waitingApprovals: 0, activeRun: null, heldRun: null },
  ageMs: 1_000,
});
const row = (summary: ClusterSummary, locale: "en" | "zh" = "en"): string => {
  cleanup();
  const page = <OverviewRow cluster={summary} sinceReadMs={0} mayChange={false} mayStart={false} />;
  return show(<ul>{page}</ul>, { locale }).container.textContent ?? "";
};

const WORDS = {
  en: ["10.0.1.2:2886 silent since 03:12:04", "10.0.2.1:2886 hangs since 03:13:05", "and 5 more"],
  zh: ["10.0.1.2:2886 自 03:12:04 起无应答", "10.0.2.1:2886 自 03:13:05 起卡住", "另有 5 个"],
};

test.each(LOCALES)("a row names agents that do not answer, whatever else is said of the cluster, in %s", (locale) => {
  for (const health of ["agentsUnheard", "someDown", "databaseOut"] as const) {
    const text = row(cluster(health, { first, count: 7 }), locale);
    for (const words of WORDS[locale]) expect(text).toContain(words);
  }
});

test("a server that nobody tells about is not told as down", () => {
  const counted = (serving: number, notReported: number) => {
    const servers = { total: 9, serving, unclear: 0, changing: 0, notReported };
    return row({ ...cluster("someDown", { first: [], count: 0 }), servers });
  };
  expect(counted(8, 1)).toContain("1 server not reported");
  expect(counted(8, 1)).not.toContain("not serving");
  expect(counted(6, 1)).toContain("2 servers not serving, 1 server not reported");
  expect(counted(7, 0)).toContain("2 servers not serving");
});

test("nothing of agents stands where all answer", () => {
  expect(row(cluster("allServing", { first: [], count: 0 }))).not.toMatch(/since|more/);
});
