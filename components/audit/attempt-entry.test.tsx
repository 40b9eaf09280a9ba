import { cleanup, render, screen } from "@testing-library/react";
import { NextIntlClientProvider } from "next-intl";
import { afterEach, describe, expect, test } from "vitest";
import type { Attempt, AuditLine } from "@/lib/audit/schema";
import { toAttempts } from "@/lib/audit/attempt";
import { MESSAGES } from "@/lib/i18n/messages";
import { AttemptEntry } from "./attempt-entry";
import { useIncidentNote } from "./use-incident-note";

afterEach(cleanup);

type Told = Pick<AuditLine, "event"> & Partial<Pick<AuditLine, "outcome" | "detail">>;
function attemptOf(action: AuditLine["action"], ...told: Told[]): Attempt {
  const cluster = { id: "c1", name: "core", environment: "PROD" as const };
  const lines = told.map((line, at) => ({
    seq: at + 1,
    line: { id: "p.1", at: `2026-11-23T03:12:4${at}.000Z`, action, by: "bob", cluster, detail: {}, ...line },
  }));
  return toAttempts(lines)[0] as Attempt;
}
function show(attempt: Attempt, locale: "en" | "zh" = "en") {
  render(
    <NextIntlClientProvider locale={locale} messages={MESSAGES[locale]} timeZone="UTC">
      <AttemptEntry attempt={attempt} personHref="/audit" here={null} initiallyOpen />
      <Note attempt={attempt} />
    </NextIntlClientProvider>,
  );
  return document.body.textContent ?? "";
}
function Note({ attempt }: { attempt: Attempt }) {
  return <output>{useIncidentNote()(attempt)}</output>;
}
const plan: AuditLine["detail"] = {
  planId: "p",
  reviewedAt: "2026-11-23T03:10:00.000Z",
  method: "force",
  targets: ["10.0.0.1:2886"],
};

describe("an entry says only what it knows", () => {
  test("a second person's word is approved, and the review is not theirs", () => {
    const text = show(attemptOf("approval.decide", { event: "opened", detail: plan }, { event: "approved" }));
    expect(screen.getByText("Approved")).toBeTruthy();
    expect(text).not.toContain("Reviewed");
    expect(text).not.toContain("nothing sent yet");
  });

  test("a request was asked, whatever became of it", () => {
    const text = show(attemptOf("approval.request", { event: "opened", detail: plan }, { event: "requested" }));
    expect(screen.getByText("Asked")).toBeTruthy();
    expect(text).not.toContain("Waits");
  });

  test("the maker's review stays with the stop, and not with somebody else's click", () => {
    expect(show(attemptOf("cluster.stop", { event: "opened", detail: plan }))).toContain("Reviewed");
    cleanup();
    const refused = { event: "refused", outcome: { kind: "plan-of-another" } } as const;
    expect(show(attemptOf("cluster.stop", { event: "opened", detail: plan }, refused))).not.toContain("Reviewed");
  });

  test.each([
    ["addressSilent", "Failed at: Address"],
    ["password-rejected", "Failed at: Password"],
    ["databaseDown", "Failed at: Database"],
    ["something-new", "Failed"],
  ])("a connection test that failed with %s: %s", (kind, words) => {
    const text = show(attemptOf("cluster.test", { event: "opened" }, { event: "blocked", outcome: { kind } }));
    expect(screen.getAllByText(words)[0]).toBeTruthy();
    expect(text).not.toContain("Blocked by a check");
  });

  test.each(["cluster.add", "session.sign-in"] as const)("%s is done, down to its last step", (action) => {
    const text = show(attemptOf(action, { event: "accepted" }));
    expect(text).not.toContain("not finished");
    expect(screen.getAllByText("Done")).toHaveLength(2);
  });
});

test("an incident note names the second person, or that there was none", () => {
  const stop = (detail: AuditLine["detail"]) => show(attemptOf("cluster.stop", { event: "opened", detail }));
  expect(stop({ ...plan, approvedBy: "ma.li" })).toContain("- **Second person**: Approved by ma.li");
  cleanup();
  expect(stop({ ...plan, breakGlass: true })).toContain("Emergency: sent without a second person");
  cleanup();
  expect(stop(plan)).not.toContain("Second person");
});

test("facts and codes of the record are in the language of the page; unknown ones stay", () => {
  const text = "operator everywhere · second factor on · 10.0.0.7";
  expect(show(attemptOf("person.change", { event: "finished", detail: { text } }), "zh")).toContain(
    "操作员 全局 · 启用第二因素 · 10.0.0.7",
  );
  cleanup();
  const refused = (kind: string) => attemptOf("session.refused", { event: "refused", outcome: { kind } });
  expect(show(refused("password-wrong"))).toContain("Name and password do not match.");
  cleanup();
  expect(show(refused("name-unfit"), "zh")).toContain("不能用作名称。");
  cleanup();
  expect(show(refused("never-heard-of"))).toContain("never-heard-of");
});
