import { cleanup, fireEvent, screen, within } from "@testing-library/react";
import { beforeAll, beforeEach, expect, test, vi } from "vitest";
import { at, atTwentyPastThree, LOCALES, show } from "@/components/testing/show";
import type { Topology } from "@/lib/clusters/schema";
import { exampleTopology, withUnheard } from "@/lib/clusters/testing/example-topology";
import { Picker } from "./picker";

const navigation = vi.hoisted(() => ({ params: new URLSearchParams() }));
vi.mock("next/navigation", () => ({
  useSearchParams: () => navigation.params,
  useRouter: () => ({}),
  usePathname: () => "/clusters/c1",
}));
// What the page loads later, a test waits for here and not at its first tile.
beforeAll(() => import("./tiles-view"));
atTwentyPastThree();
beforeEach(() => {
  navigation.params = new URLSearchParams();
  vi.stubGlobal("scrollTo", () => undefined);
});

const [SILENT, FROZEN, REFUSED, GARBLED] = ["10.0.1.2:2886", "10.0.2.1:2886", "10.0.3.3:2886", "10.0.3.2:2886"];
const trouble = (): Topology =>
  [
    [SILENT, "silent", "03:12:04"],
    [FROZEN, "hangs", "03:13:05"],
    [REFUSED, "refused", "03:14:06"],
    [GARBLED, "unreadable", "03:15:07"],
  ].reduce(
    (topology, [address = "", condition, time = ""]) => withUnheard(topology, address, condition as "silent", at(time)),
    exampleTopology(),
  );

const picker = (topology: Topology, locale: "en" | "zh" = "en") =>
  show(<Picker clusterId="c1" initial={topology} initialFailure={null} />, { locale, topology });
const rowOf = (address: string) => screen.getByRole("row", { name: new RegExp(address.replaceAll(".", "\\.")) });
const headOf = (zone: string) => screen.getByText(zone, { selector: "strong" }).closest("[role=row]") as HTMLElement; // a zone's name stands in its row
const shownAddresses = () =>
  screen.getAllByRole("row").flatMap((row) => (row.getAttribute("data-key")?.startsWith("10.") ? row.dataset.key : []));

const WORDS = {
  en: [/silent since 03:12:04/, /hangs since 03:13:05/, /refused since 03:14:06/, /unreadable since 03:15:07/],
  zh: [/无应答 自 03:12:04 起/, /卡住 自 03:13:05 起/, /拒绝连接 自 03:14:06 起/, /应答异常 自 03:15:07 起/],
};

test.each(LOCALES)(
  "a row tells how its agent stands that does not answer, by its word and since when, in %s",
  (locale) => {
    picker(trouble(), locale);
    for (const [nth, address] of [SILENT, FROZEN, REFUSED, GARBLED].entries())
      expect(rowOf(address ?? "").textContent).toMatch(WORDS[locale][nth] ?? /-/);
  },
);

test.each([
  ["en", "1 silent", "1 hangs"],
  ["zh", "1 个无应答", "1 个卡住"],
] as const)(
  "the head of a zone counts agents that do not answer, also when it is folded, in %s",
  (locale, ...words) => {
    picker(trouble(), locale);
    for (const [nth, zone] of ["zone1", "zone2"].entries()) {
      const head = headOf(zone);
      fireEvent.click(head);
      expect(head.getAttribute("aria-expanded")).toBe("false");
      expect(head.textContent).toContain(words[nth]);
    }
  },
);

test.each([
  ["en", /^10\.0\.1\.2:2886, Serving, Agent silent since 03:12:04/],
  ["zh", /^10\.0\.1\.2:2886, 服务中, Agent 自 03:12:04 起无应答/],
] as const)(
  "a tile of an agent that does not answer carries a mark, and its name says how it stands, in %s",
  async (locale, name) => {
    navigation.params = new URLSearchParams("view=tiles");
    picker(trouble(), locale);
    const tile = await screen.findByRole("option", { name });
    expect(tile.querySelector("[data-unheard]")).not.toBeNull();
    const well = screen.getByRole("option", { name: /^10\.0\.1\.1:2886/ });
    expect(well.querySelector("[data-unheard]")).toBeNull();
  },
);

test.each([
  ["en", ["not answering", "does not answer"], "hangs"],
  ["zh", ["无应答", "没有应答"], "卡住"],
] as const)("agents that do not answer are found by that and by their own word, in %s", async (locale, common, own) => {
  picker(trouble(), locale);
  for (const text of common) {
    fireEvent.change(screen.getByRole("searchbox"), { target: { value: text } });
    expect(shownAddresses()).toEqual([SILENT, FROZEN, GARBLED, REFUSED]);
  }
  fireEvent.change(screen.getByRole("searchbox"), { target: { value: own } });
  expect(shownAddresses()).toEqual([FROZEN]);
});

test.each([
  ["en", "State", "Agent does not answer (4)"],
  ["zh", "状态", "agent 没有应答（4）"],
] as const)(
  "the filter offers agents that do not answer, whatever the state of their servers, in %s",
  (locale, label, name) => {
    picker(trouble(), locale);
    const select = screen.getByRole("combobox", { name: label });
    const { value } = within(select).getByRole<HTMLOptionElement>("option", { name });
    fireEvent.change(select, { target: { value } });
    expect(shownAddresses()).toEqual([SILENT, FROZEN, GARBLED, REFUSED]);
  },
);

test("what is filtered for stays chosen when nobody is left of it", () => {
  navigation.params = new URLSearchParams("state=UNHEARD");
  picker(exampleTopology());
  expect(screen.getByRole<HTMLSelectElement>("combobox", { name: "State" }).value).toBe("UNHEARD");
});

const late = (readAt: string | null, lastInnerStatus = "ACTIVE"): Topology => {
  const topology = exampleTopology();
  const zones = topology.zones.map((zone) => ({ ...zone, innerStatus: "", lastInnerStatus }));
  const overdue = { since: at("03:12:09"), asked: "10.0.1.1:2886", why: "no-answer" as const, readAt };
  return { ...topology, zones, overdue };
};

test("a zone whose status does not come is told as it was told last, with that time, and as not reported without", () => {
  picker(late(at("03:12:04")));
  const head = () => headOf("zone1").textContent;
  expect(head()).toContain("Zone last known active, at 03:12:04");
  cleanup();
  picker(late(at("03:12:04"), "INACTIVE"));
  expect(head()).toContain("Zone last known stopped, at 03:12:04");
  cleanup();
  picker(late(null, ""));
  expect(head()).toContain("Zone status not reported");
});
