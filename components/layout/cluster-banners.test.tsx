import { cleanup, screen, within } from "@testing-library/react";
import { expect, test } from "vitest";
import { at, atTwentyPastThree, LOCALES, show } from "@/components/testing/show";
import type { Overdue, Topology, Unheard } from "@/lib/clusters/schema";
import { exampleTopology, withUnheard } from "@/lib/clusters/testing/example-topology";
import { ClusterBanners } from "./cluster-banners";

atTwentyPastThree();

const unheard = (...agents: [address: string, condition: Unheard["condition"], time: string][]): Topology =>
  agents.reduce(
    (topology, [address, condition, time]) => withUnheard(topology, address, condition, at(time)),
    exampleTopology(),
  );
const TWO = unheard(["10.0.3.1:2886", "refused", "03:14:06"], ["10.0.1.2:2886", "silent", "03:12:04"]);
const overdue = (change: Partial<Overdue>): Topology => ({
  ...TWO,
  overdue: { since: at("03:12:09"), asked: "10.0.1.1:2886", why: "no-answer", readAt: at("03:12:01"), ...change },
});

/** The banner as it stands folded. */
async function banner(topology: Topology, locale: "en" | "zh" = "en"): Promise<HTMLElement> {
  cleanup();
  show(<ClusterBanners clusterId="c1" />, { locale, topology });
  const [summary] = await screen.findAllByText((_text, element) => element?.tagName === "SUMMARY");
  return summary ?? expect.unreachable("no banner");
}

test.each([
  ["en", /2 agents do not answer.*10\.0\.1\.2:2886 silent since 03:12:04.*10\.0\.3\.1:2886 refused since 03:14:06/],
  ["zh", /2 个 agent 没有应答.*10\.0\.1\.2:2886 自 03:12:04 起无应答.*10\.0\.3\.1:2886 自 03:14:06 起拒绝连接/],
] as const)(
  "every page of a cluster names who does not answer, the worst first, with since when, in %s",
  async (locale, text) => {
    expect((await banner(TWO, locale)).textContent).toMatch(text);
  },
);

test("of many a few are named and the rest is a number, with the whole list behind it", async () => {
  const many = exampleTopology(1, 12)
    .zones.flatMap(({ servers }) => servers)
    .slice(2)
    .reduce(
      (topology, { address }) => withUnheard(topology, address, "silent", at("03:12:04")),
      exampleTopology(1, 12),
    );
  const summary = await banner(many);
  expect(within(summary).getAllByText(/^10\./)).toHaveLength(3);
  expect(summary.textContent).toContain("and 7 more");
  expect(screen.getAllByRole("listitem", { hidden: true })).toHaveLength(10);
});

test.each(LOCALES)(
  "what only the cluster-wide answer tells is told with its time, or as not known, in %s",
  async (locale) => {
    const words = {
      en: { last: "Tenants and zone status as of 03:12:01", never: "Tenants and zone status not known" },
      zh: { last: "租户和 Zone 状态截至 03:12:01", never: "租户和 Zone 状态未知" },
    }[locale];
    expect((await banner(overdue({}), locale)).textContent).toContain(words.last);
    expect((await banner(overdue({ readAt: null }), locale)).textContent).toContain(words.never);
    expect((await banner(TWO, locale)).textContent).not.toContain(words.last.slice(0, 8));
  },
);

const BLAMES_THE_CONSOLE = { en: /offline|server side|console/i, zh: /离线|服务端|控制台/ };

test.each(LOCALES)("an agent that does not answer is no fault of the console's, in %s", async (locale) => {
  for (const condition of ["silent", "hangs", "refused"] as const)
    for (const why of ["no-answer", "refused"] as const) {
      const topology = unheard(["10.0.1.1:2886", condition, "03:12:04"]);
      await banner({ ...topology, overdue: overdue({ why }).overdue }, locale);
      expect(document.body.textContent).not.toMatch(BLAMES_THE_CONSOLE[locale]);
    }
});

test("while every agent answers nothing stands there", async () => {
  show(<ClusterBanners clusterId="c1" />, { topology: exampleTopology(3, 3, { databaseReachable: false }) });
  await screen.findByText(/working database connection/);
  expect(document.querySelector("[data-unheard]")).toBeNull();
});
