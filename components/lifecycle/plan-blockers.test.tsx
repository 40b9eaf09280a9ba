import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { NextIntlClientProvider } from "next-intl";
import { afterEach, expect, test, vi } from "vitest";
import { MESSAGES } from "@/lib/i18n/messages";
import type { Blocker, Plan } from "@/lib/lifecycle/schema";
import { examplePlan } from "./example-plan";
import { PlanBlockers } from "./plan-blockers";

afterEach(cleanup);

const leftover: Blocker = {
  ...{ id: "21670000000031", name: "Stop OB", state: "FAILED", stage: 3, maxStage: 6 },
  ...{ since: "2026-11-23T02:58:00.000Z", coordinator: "10.0.2.1:2886", agents: ["10.0.1.1:2886"], by: "li.wei" },
  ...{ work: "over", releasable: true, chosen: false },
};

function show(change: Partial<Plan>, props: Partial<Parameters<typeof PlanBlockers>[0]> = {}) {
  const onChoose = vi.fn();
  render(
    <NextIntlClientProvider locale="en" messages={MESSAGES.en} timeZone="UTC">
      <PlanBlockers
        clusterId="c1"
        plan={examplePlan(change)}
        onChoose={onChoose}
        choosing={null}
        failure={null}
        {...props}
      />
    </NextIntlClientProvider>,
  );
  return { onChoose, text: document.body.textContent ?? "" };
}

test("a leftover is named with what, who, where, since when and its run, and its box starts unticked", () => {
  const { onChoose, text } = show({ blockers: [leftover] });
  for (const fact of [
    "Stop OB",
    "Ended, step 3 of 6",
    "by li.wei",
    "Nov 23, 2026",
    "coordinator 10.0.2.1:2886",
    "Holds 1 agent",
  ])
    expect(text).toContain(fact);
  expect(screen.getByRole("link").getAttribute("href")).toBe("/clusters/c1/runs/21670000000031");
  const box = screen.getByRole<HTMLInputElement>("checkbox", { name: "Release run 2167…0031 for this stop" });
  expect(box.checked).toBe(false);
  fireEvent.click(box);
  expect(onChoose).toHaveBeenCalledWith(["21670000000031"]);
});

test("taking the tick away keeps the others", () => {
  const other = { ...leftover, id: "21680000000032", chosen: true };
  const { onChoose } = show({ action: "start", method: null, blockers: [{ ...leftover, chosen: true }, other] });
  fireEvent.click(screen.getByRole("checkbox", { name: "Release run 2167…0031 for this start" }));
  expect(onChoose).toHaveBeenCalledWith(["21680000000032"]);
});

test("while a choice is on its way no second one is made", () => {
  const { onChoose, text } = show({ blockers: [leftover] }, { choosing: ["21670000000031"] });
  const box = screen.getByRole<HTMLInputElement>("checkbox");
  expect(box.checked).toBe(true);
  fireEvent.click(box);
  expect(onChoose).not.toHaveBeenCalled();
  expect(text).toContain("Making a plan with this choice…");
});

test.each([
  ["that is going", { work: "going" }, "still at work"],
  ["that is no stop or start", { releasable: false, name: "Scale out", id: "5" }, "neither a stop nor a start"],
] as const)("one %s has no box and says why", (_, change, why) => {
  const { text } = show({ blockers: [{ ...leftover, ...change }] });
  expect(screen.queryByRole("checkbox")).toBeNull();
  expect(text).toContain(why);
});

test("a run that nobody tells about is neither going nor over: it may be released, with its own warning", () => {
  const { text } = show({ blockers: [{ ...leftover, state: "UNKNOWN", work: "unknown", stage: 0, maxStage: 0 }] });
  expect(text).toContain("No agent tells whether it is still going");
  expect(text).not.toContain("Ended");
  expect(text).toContain("It may still be at work");
  expect(screen.getByRole<HTMLInputElement>("checkbox").checked).toBe(false);
});

test("an agent that could not be asked is not the same as none", () => {
  const { text } = show({ blockers: [], notAsked: ["10.0.3.1:2886"] });
  expect(text).toContain("1 agent could not be asked");
  expect(text).toContain("10.0.3.1:2886");
  expect(text).toContain("No agent that answered is held.");
});
