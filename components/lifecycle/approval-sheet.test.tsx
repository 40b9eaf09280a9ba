import { cleanup, render, screen, waitFor } from "@testing-library/react";
import { NextIntlClientProvider } from "next-intl";
import { renderToString } from "react-dom/server";
import { afterEach, expect, test } from "vitest";
import { MESSAGES } from "@/lib/i18n/messages";
import type { Approval } from "@/lib/lifecycle/schema";
import { ApprovalSheet } from "./approval-sheet";
import { examplePlan } from "./example-plan";

afterEach(cleanup);

const asked: Approval = {
  id: "a",
  planId: "plan-1",
  requestedBy: "li.wei",
  reason: "INC-1",
  state: "waiting",
  decidedBy: null,
  requestedAt: "2026-11-22T16:00:00.000Z",
  expiresAt: "2026-11-22T16:30:00.000Z",
  expiresInMs: 60_000,
};

test("nobody can decide before the page listens, and the sheet says so", async () => {
  const page = (
    <NextIntlClientProvider locale="en" messages={MESSAGES.en} timeZone="UTC">
      <ApprovalSheet
        approval={asked}
        plan={examplePlan()}
        readAtMs={Date.now()}
        me="ann"
        mayApprove
        onDecide={() => Promise.resolve()}
      />
    </NextIntlClientProvider>
  );
  const buttons = (root: ParentNode) => [...root.querySelectorAll("button")].map((one) => one.ariaDisabled);
  const drawn = document.createElement("div");
  drawn.innerHTML = renderToString(page);
  expect(buttons(drawn)).toEqual(["true", "true"]);
  expect(drawn.textContent).toContain(MESSAGES.en.plan.approval.opening);

  const { container } = render(page);
  await waitFor(() => expect(container.textContent).not.toContain(MESSAGES.en.plan.approval.opening));
  expect(buttons(container).every((disabled) => disabled !== "true")).toBe(true);
});

test("how long an approval holds is told by the clock of the page, not in UTC without saying so", () => {
  const approval: Approval = { ...asked, state: "approved", decidedBy: "bo", expiresInMs: 0 };
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
