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

  test("a run that somebody cancelled is cancelled: no failure in the entry, its line or the note", () => {
    const counts = { done: 2, failed: 0, unreported: 0, cancelled: 1 };
    const ended = [
      { event: "accepted", outcome: { runId: "77" } },
      { event: "finished", detail: { counts }, outcome: { runId: "77", kind: "cancelled" } },
    ] as const;
    const text = show(attemptOf("cluster.stop", { event: "opened", detail: plan }, ...ended));
    expect(screen.getAllByText("Cancelled before its end")).toHaveLength(2);
    expect(text.match(/2 done, 0 failed, 1 cancelled, 0 not reported/g)).toHaveLength(2);
    expect(text).not.toMatch(/with failures|not as asked for/);
    cleanup();
    expect(show(attemptOf("cluster.stop", { event: "opened", detail: plan }, ...ended), "zh")).toContain("取消 1");
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
  const text = "operator everywhere · second factor begun · second factor on · 10.0.0.7";
  expect(show(attemptOf("person.change", { event: "finished", detail: { text } }), "zh")).toContain(
    "操作员 全局 · 开始设置第二因素 · 启用第二因素 · 10.0.0.7",
  );
  cleanup();
  const refused = (kind: string) => attemptOf("session.refused", { event: "refused", outcome: { kind } });
  expect(show(refused("password-wrong"))).toContain("Name and password do not match.");
  cleanup();
  expect(show(refused("name-unfit"), "zh")).toContain("不能用作名称。");
  cleanup();
  expect(show(refused("never-heard-of"))).toContain("never-heard-of");
});

describe("what was done with a run", () => {
  const detail: AuditLine["detail"] = {
    ...{ planId: "p", reviewedAt: "2026-11-23T03:10:00.000Z", continues: "21670000000031" },
    ...{ targets: ["10.0.0.1:2886"], text: "cancel 10.0.0.2:2886, release 10.0.0.1:2886" },
  };
  const left = { counts: { done: 1, failed: 0, unreported: 1 }, text: "10.0.0.1:2886: silent" };

  test("names the run, links to it, and tells what is left per agent, also in the incident note", () => {
    const outcome = { runId: "21670000000031", kind: "partly" };
    const text = show(
      attemptOf("run.cancel", { event: "opened", detail }, { event: "finished", detail: left, outcome }),
    );
    expect(text).toContain("Cancel the remaining steps of run 2167…0031 in core");
    expect(text).toContain("Cancel the run 10.0.0.2:2886 · Release 10.0.0.1:2886");
    expect(text).toContain("10.0.0.1:2886: Did not answer: it may have been done");
    expect(text).toContain("- **Run**: `21670000000031`");
    expect(screen.getByRole("link", { name: "21670000000031" }).getAttribute("href")).toBe(
      "/clusters/c1/runs/21670000000031",
    );
  });

  test("a start that follows a run up, and releases another, says both", () => {
    const start = { continues: "21670000000031", releases: ["21680000000032"], targets: ["10.0.0.1:2886"] };
    const text = show(attemptOf("cluster.start", { event: "opened", detail: start }, { event: "accepted" }));
    expect(text).toContain("Start 1 server in core");
    expect(text).toContain("- **Follows up run**: `21670000000031`");
    expect(text).toContain("- **Releases runs**: `21680000000032`");
    expect(text).toContain("Accepted, not finished");
  });

  test("a check of it is not called a check of a stop, and its requests are in the language of the page", () => {
    const planned = { ...detail, planned: "run.release" } as const;
    const check = attemptOf("plan.check", { event: "opened", detail: planned }, { event: "checked" });
    const text = show(check);
    expect(text).toContain("Check only: Release maintenance of run 2167…0031 in core");
    expect(text).toContain("- **Requests**: Cancel the run 10.0.0.2:2886 · Release 10.0.0.1:2886");
    cleanup();
    expect(show(check, "zh")).not.toMatch(/cancel|release/i);
  });

  test("a check from when every plan was a stop is one of a stop", () => {
    const text = show(attemptOf("plan.check", { event: "opened", detail: plan }, { event: "checked" }));
    expect(text).toContain("Check only: Force stop 1 server in core");
  });
});
