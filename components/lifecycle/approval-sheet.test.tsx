import { cleanup, render, screen } from "@testing-library/react";
import { NextIntlClientProvider } from "next-intl";
import { afterEach, expect, test } from "vitest";
import { MESSAGES } from "@/lib/i18n/messages";
import type { Approval } from "@/lib/lifecycle/schema";
import { ApprovalSheet } from "./approval-sheet";
import { examplePlan } from "./example-plan";

afterEach(cleanup);

test("how long an approval holds is told by the clock of the page, not in UTC without saying so", () => {
  const approval: Approval = {
    id: "a",
    planId: "plan-1",
    requestedBy: "li.wei",
    reason: "INC-1",
    state: "approved",
    decidedBy: "bo",
    requestedAt: "2026-11-22T16:00:00.000Z",
    expiresAt: "2026-11-22T16:30:00.000Z",
    expiresInMs: 0,
  };
  render(
    <NextIntlClientProvider locale="en" messages={MESSAGES.en} timeZone="Asia/Shanghai">
      <ApprovalSheet
        approval={approval}
        plan={examplePlan()}
        readAtMs={0}
        me="ann"
        mayApprove
        onDecide={() => Promise.resolve()}
      />
    </NextIntlClientProvider>,
  );
  expect(screen.getByText(/00:30/)).toBeTruthy();
  expect(screen.queryByText(/16:30/)).toBeNull();
});
