import { expect, test } from "vitest";
import { screen } from "@testing-library/react";
import { show } from "@/components/testing/show";
import { ConfirmSummary } from "./confirm-summary";
import { examplePlan } from "./example-plan";

test("of 201 tenants that lose their majority a dialog names a few and how many, with all of them behind", () => {
  const tenants = Array.from({ length: 201 }, (_, at) => `tenant${at}`);
  const plan = examplePlan();
  const majority = { ...plan.impact.majority, verdict: "lost" as const, tenants };
  show(<ConfirmSummary plan={{ ...plan, impact: { ...plan.impact, majority } }} ageMs={0} />);
  const sentence = screen.getByText(/Majority lost for/).textContent ?? "";
  expect(sentence).toContain("(201)");
  expect(sentence.match(/tenant\d+/g)).toHaveLength(4);
  expect(screen.getByText(/Full list \(201\)/)).toBeTruthy();
});
