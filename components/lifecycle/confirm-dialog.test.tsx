import { act, cleanup, fireEvent, render, screen } from "@testing-library/react";
import { NextIntlClientProvider } from "next-intl";
import { useState } from "react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { MESSAGES } from "@/lib/i18n/messages";
import type { Result } from "@/lib/errors";
import type { Plan, Send } from "@/lib/lifecycle/schema";
import { ConfirmDialog } from "./confirm-dialog";
import { exampleLive, examplePlan } from "./example-plan";
import { tellSignedIn, tellSignedOut } from "@/lib/signed-out";
import type { LivePlan } from "./use-live-plan";

vi.mock("next/navigation", () => ({ useRouter: () => ({ refresh: () => undefined }) }));

const ACCEPTED: Result<Send> = {
  ok: true,
  value: { state: "accepted", runId: "77", coordinator: "10.0.2.1:2886", at: "2026-11-23T03:12:44.000Z" },
};
const critical: Partial<Plan> = { tier: 3, tierReasons: ["force-production"], method: "force" };

beforeEach(() => {
  vi.useFakeTimers();
  // jsdom has the element, but no top layer.
  HTMLDialogElement.prototype.showModal = function (this: HTMLDialogElement) {
    this.open = true;
  };
  HTMLDialogElement.prototype.close = function (this: HTMLDialogElement) {
    this.open = false;
    this.dispatchEvent(new Event("close"));
  };
});
afterEach(() => {
  cleanup();
  tellSignedIn();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

function Stage(props: Omit<Parameters<typeof ConfirmDialog>[0], "reason" | "onReason" | "clusterId">) {
  const [reason, setReason] = useState("");
  return (
    <NextIntlClientProvider locale="en" messages={MESSAGES.en} timeZone="UTC">
      <ConfirmDialog clusterId="c1" reason={reason} onReason={setReason} {...props} />
    </NextIntlClientProvider>
  );
}

function open(change: Partial<Plan> = {}, answer: () => Promise<Result<Send>> = () => Promise.resolve(ACCEPTED)) {
  const confirmPlan = vi.fn(answer);
  const cancelPlan = vi.fn(() => Promise.resolve({ ok: true as const, value: null }));
  const requestApproval = vi.fn(() => Promise.reject(new Error("not asked for")));
  const proveAgain = vi.fn(() => Promise.resolve({ ok: true as const, value: null }));
  const spies = { onClosed: vi.fn(), onReviewAgain: vi.fn(), onAccepted: vi.fn(), onOperating: vi.fn() };
  const stage = (live: LivePlan) => (
    <Stage live={live} actions={{ confirmPlan, cancelPlan, requestApproval, proveAgain }} {...spies} />
  );
  const plan = examplePlan(change);
  const { rerender } = render(stage(exampleLive(plan)));
  const show = (next: Partial<Plan>, live: Partial<LivePlan> = {}) =>
    rerender(stage(exampleLive({ ...plan, ...next }, live)));
  return { confirmPlan, cancelPlan, requestApproval, proveAgain, show, ...spies };
}

const pass = (ms: number) => act(async () => void (await vi.advanceTimersByTimeAsync(ms)));
const go = () => screen.getByRole("button", { name: /^(Stop|Force stop) 1 server$/, hidden: true });
const keep = () => screen.getByRole("button", { name: "Keep running", hidden: true });
const isBlocked = () => go().getAttribute("aria-disabled") === "true";
const nameField = () => screen.getByLabelText(/Type the cluster name/);
const type = (field: HTMLElement, value: string) => fireEvent.change(field, { target: { value } });
const press = async (button: HTMLElement) => {
  fireEvent.click(button);
  await pass(0);
};

test("a routine stop asks for nothing, and the focus begins on the safe button", async () => {
  const { confirmPlan, onAccepted } = open();
  expect(document.activeElement).toBe(keep());
  expect(screen.queryByLabelText("Reason")).toBeNull();
  expect(screen.queryByLabelText(/Type the cluster name/)).toBeNull();
  await pass(600);
  await press(go());
  expect(confirmPlan).toHaveBeenCalledWith(
    expect.objectContaining({ planId: "plan-1", fingerprint: "f1", reason: "", typedName: "" }),
  );
  expect(onAccepted).toHaveBeenCalledWith("77");
});

test("the destructive button ignores the first 500 ms", async () => {
  const { confirmPlan } = open();
  await pass(499);
  await press(go());
  expect(confirmPlan).not.toHaveBeenCalled();
  await pass(2);
  await press(go());
  expect(confirmPlan).toHaveBeenCalledOnce();
});

test("two presses in one frame send once", async () => {
  const { confirmPlan } = open();
  await pass(600);
  act(() => {
    go().click();
    go().click();
  });
  await pass(0);
  expect(confirmPlan).toHaveBeenCalledOnce();
});

test("an elevated stop asks for a reason of five characters, and for no name", async () => {
  open({ tier: 2 });
  await pass(600);
  expect(screen.queryByLabelText(/Type the cluster name/)).toBeNull();
  type(screen.getByLabelText("Reason"), " INC ");
  expect(isBlocked()).toBe(true);
  type(screen.getByLabelText("Reason"), "INC-1");
  expect(isBlocked()).toBe(false);
});

test("a critical stop takes the name exactly, but for spaces around it", async () => {
  const { confirmPlan } = open(critical);
  await pass(600);
  type(screen.getByLabelText("Reason"), "INC-4471");
  for (const wrong of ["Prod-core", "prod core", "prod-cor", "STOP", ""]) {
    type(nameField(), wrong);
    expect(isBlocked()).toBe(true);
    await press(go());
  }
  expect(confirmPlan).not.toHaveBeenCalled();
  type(nameField(), "  prod-core ");
  expect(isBlocked()).toBe(false);
});

test("what an input method is still composing does not count", async () => {
  open(critical);
  await pass(600);
  type(screen.getByLabelText("Reason"), "INC-4471");
  fireEvent.compositionStart(nameField());
  type(nameField(), "prod-core");
  expect(isBlocked()).toBe(true);
  fireEvent.compositionEnd(nameField());
  expect(isBlocked()).toBe(false);
});

test("a wrong name is explained after a second of quiet, not on each key", async () => {
  open(critical);
  type(nameField(), "prod");
  await pass(900);
  type(nameField(), "prod-");
  await pass(900);
  expect(screen.queryByText(/This is not the cluster name/)).toBeNull();
  await pass(200);
  expect(screen.getByText(/This is not the cluster name/)).toBeTruthy();
});

test("Enter in a field confirms nothing", async () => {
  const { confirmPlan } = open(critical);
  await pass(600);
  type(screen.getByLabelText("Reason"), "INC-4471");
  type(nameField(), "prod-core");
  fireEvent.keyDown(nameField(), { key: "Enter" });
  await pass(0);
  expect(confirmPlan).not.toHaveBeenCalled();
});

test("old data blocks with its reason and releases by itself", async () => {
  const { show } = open();
  await pass(16_500);
  expect(isBlocked()).toBe(true);
  expect(screen.getByText(/It can be sent again when it is newer than 15 s/)).toBeTruthy();
  show({});
  await pass(1_100);
  expect(isBlocked()).toBe(false);
});

test("a lost console blocks with its reason", async () => {
  const { show } = open();
  show({}, { offlineSinceMs: Date.now() });
  await pass(1_100);
  expect(isBlocked()).toBe(true);
  expect(screen.getByText(/The console does not answer since/)).toBeTruthy();
});

test("an ended session is not called a console that does not answer", async () => {
  const { show } = open();
  show({}, { isSignedOut: true });
  await pass(1_100);
  expect(isBlocked()).toBe(true);
  expect(screen.getByText("You are signed out. It can be sent once you have signed in.")).toBeTruthy();
  expect(screen.queryByText(/does not answer/)).toBeNull();
});

test.each([
  { method: "force", name: "", what: "a Force plan asks for the cluster name again and keeps the reason" },
  { method: "stop", name: "prod-core", what: "any other plan keeps all that was typed" },
] as const)("after a session has ended, $what", async ({ method, name }) => {
  const { confirmPlan } = open({ ...critical, method });
  await pass(600);
  typeAll();
  act(tellSignedOut);
  act(tellSignedIn);
  expect(screen.getByLabelText("Reason")).toHaveProperty("value", "INC-4471");
  expect(nameField()).toHaveProperty("value", name);
  expect(isBlocked()).toBe(name === "");
  type(nameField(), "prod-core");
  await press(go());
  expect(confirmPlan).toHaveBeenCalledOnce();
});

test("a change while open does not rewrite what is read, names itself, and leaves only Review again", async () => {
  const { show, onReviewAgain, confirmPlan } = open();
  await pass(600);
  const lost = { ...examplePlan().impact, staying: 2 };
  show(
    {
      state: "changed",
      impact: lost,
      changes: [{ message: "majority", params: { from: "no-spare", to: "lost", tenants: "pay" } }],
    },
    { madeAtMs: Date.now() - 42_000 },
  );
  expect(screen.getByText("Changed since you opened this:")).toBeTruthy();
  expect(screen.getByText("Majority: was kept, no spare left, now lost for pay.")).toBeTruthy();
  expect(screen.getByText("8 servers of 9")).toBeTruthy();
  expect(screen.getByText(/estimated by the console 4[12]s ago/)).toBeTruthy(); // the old verdict is not called young
  expect(isBlocked()).toBe(true);
  await press(go());
  expect(confirmPlan).not.toHaveBeenCalled();
  await press(screen.getByRole("button", { name: "Review again" }));
  expect(onReviewAgain).toHaveBeenCalledOnce();
});

test("while sending, both buttons are locked and Esc is ignored", async () => {
  const { onClosed } = open({}, () => new Promise(() => undefined));
  await pass(600);
  await press(go());
  const sending = screen.getByRole("button", { name: "Sending…" });
  expect(sending.getAttribute("aria-disabled")).toBe("true");
  expect(keep().getAttribute("aria-disabled")).toBe("true");
  expect(fireEvent.keyDown(sending, { key: "Escape" })).toBe(false);
  await press(keep());
  expect(onClosed).not.toHaveBeenCalled();
});

test("refused: the dialog stays, says why with code and trace, and keeps what was typed", async () => {
  const failure = { kind: "majority-lost", agentCode: "OB.Cluster.Tenant.Replica.Invalid", traceId: "abc" } as const;
  const { onClosed } = open({ tier: 2 }, () => Promise.resolve({ ok: false, failure }));
  await pass(600);
  type(screen.getByLabelText("Reason"), "INC-4471");
  await press(go());
  expect(screen.getByText(/OB.Cluster.Tenant.Replica.Invalid.*trace abc/)).toBeTruthy();
  expect(screen.getByLabelText("Reason")).toHaveProperty("value", "INC-4471");
  expect(onClosed).not.toHaveBeenCalled();
});

test("an answer that was lost is looked for and never sent again by itself", async () => {
  const states: Send[] = [
    { state: "unknown", coordinator: "10.0.2.1:2886", since: "2026-11-23T03:12:44.000Z", silent: ["10.0.1.9:2886"] },
    { state: "accepted", runId: "78", coordinator: "10.0.2.1:2886", at: "2026-11-23T03:12:50.000Z" },
  ];
  vi.stubGlobal(
    "fetch",
    vi.fn(() => Promise.resolve(Response.json(states.shift()))),
  );
  const { confirmPlan, onAccepted } = open({}, () => Promise.reject(new Error("connection lost")));
  await pass(600);
  await press(go());
  expect(screen.getByText(/We could not tell whether the stop was accepted/)).toBeTruthy();
  expect(screen.queryByRole("button", { name: "Send again" })).toBeNull();
  await pass(1_100);
  expect(screen.getByText("Not answering yet: 10.0.1.9:2886")).toBeTruthy();
  await pass(1_100);
  expect(onAccepted).toHaveBeenCalledWith("78");
  expect(confirmPlan).toHaveBeenCalledOnce();
});

test("only when every agent holds no run is sending again offered, and it means a new plan", async () => {
  vi.stubGlobal(
    "fetch",
    vi.fn(() => Promise.resolve(Response.json({ state: "none" }))),
  );
  const { confirmPlan, onReviewAgain } = open({}, () => Promise.reject(new Error("connection lost")));
  await pass(600);
  await press(go());
  await pass(1_100);
  expect(screen.queryByRole("button", { name: "Send again" })).toBeNull();
  await pass(1_100);
  await press(screen.getByRole("button", { name: "Send again" }));
  expect(onReviewAgain).toHaveBeenCalledOnce();
  expect(confirmPlan).toHaveBeenCalledOnce();
});

test.each([
  [{ state: "none", why: "unsent" }, "This was not sent: no request of it is on record."],
  [{ state: "none", why: "refused" }, "The agent refused it, and made no run."],
  [{ state: "none" }, "Every agent was asked, and none holds a run of this stop."],
] as const)("of %j it is said what was looked at, and nothing of servers", async (answer, said) => {
  vi.stubGlobal(
    "fetch",
    vi.fn(() => Promise.resolve(Response.json(answer))),
  );
  open({}, () => Promise.reject(new Error("connection lost")));
  await pass(600);
  await press(go());
  await pass(2_200);
  expect(screen.getByText(said)).toBeTruthy();
});

test("giving up after typing is told to the audit, giving up before is not", async () => {
  const before = open();
  await press(keep());
  expect(before.onClosed).toHaveBeenCalledOnce();
  expect(before.cancelPlan).not.toHaveBeenCalled();
  cleanup();
  const after = open({ tier: 2 });
  type(screen.getByLabelText("Reason"), "INC");
  await press(keep());
  expect(after.cancelPlan).toHaveBeenCalledWith({ clusterId: "c1", planId: "plan-1", reason: "INC" });
});

const needy = { ...critical, needsApproval: true };
const typeAll = () => {
  type(screen.getByLabelText("Reason"), "INC-4471");
  type(nameField(), "prod-core");
};

test("a critical stop waits for a second person, and says so", async () => {
  const { requestApproval, show, confirmPlan } = open(needy);
  await pass(600);
  typeAll();
  expect(isBlocked()).toBe(true);
  expect(screen.getByText("A second person has to approve first.")).toBeTruthy();
  await press(screen.getByRole("button", { name: "Ask for approval" }));
  expect(requestApproval).toHaveBeenCalledWith({ clusterId: "c1", planId: "plan-1", reason: "INC-4471" });
  const asked = { id: "a1", planId: "plan-1", requestedBy: "li.wei", reason: "INC-4471", expiresInMs: 590_000 };
  const times = { requestedAt: "2026-11-23T03:12:44.000Z", expiresAt: "2026-11-23T03:22:44.000Z" };
  show({ ...needy, approval: { ...asked, ...times, decidedBy: null, state: "waiting" } });
  expect(screen.getByText(/Waiting for a second person/)).toBeTruthy();
  expect(isBlocked()).toBe(true);
  show({ ...needy, approval: { ...asked, ...times, decidedBy: "ma.li", state: "approved" } });
  expect(screen.getByText(/Approved by ma\.li/)).toBeTruthy();
  expect(isBlocked()).toBe(false);
  await press(go());
  expect(confirmPlan).toHaveBeenCalledWith(expect.objectContaining({ breakGlass: false }));
  cleanup();
  const again = open(needy); // another tab, with nothing typed yet
  await pass(600);
  again.show({ ...needy, approval: { ...asked, ...times, decidedBy: "ma.li", state: "approved" } });
  expect(screen.getByLabelText("Reason")).toMatchObject({ value: "INC-4471", readOnly: true });
  type(nameField(), "prod-core");
  await press(go());
  expect(again.confirmPlan).toHaveBeenCalledWith(expect.objectContaining({ reason: "INC-4471" }));
});

test("in an emergency the second person is passed over on purpose", async () => {
  const { confirmPlan } = open(needy);
  await pass(600);
  typeAll();
  fireEvent.click(screen.getByRole("checkbox", { name: /without a second person/, hidden: true }));
  expect(isBlocked()).toBe(false);
  await press(go());
  expect(confirmPlan).toHaveBeenCalledWith(expect.objectContaining({ breakGlass: true }));
});

test("asked again who it is: what was typed stays, and the stop is pressed once more", async () => {
  const answers: Result<Send>[] = [{ ok: false, failure: { kind: "step-up-needed" } }, ACCEPTED];
  const { confirmPlan, proveAgain, onAccepted } = open(critical, () => Promise.resolve(answers.shift() ?? ACCEPTED));
  await pass(600);
  typeAll();
  await press(go());
  const password = screen.getByLabelText("Password");
  type(password, "secret");
  await press(screen.getByRole("button", { name: "Prove it" }));
  expect(proveAgain).toHaveBeenCalledWith({ clusterId: "c1", proof: { password: "secret" } });
  expect(confirmPlan).toHaveBeenCalledOnce();
  expect(screen.queryByLabelText("Password")).toBeNull();
  expect(screen.getByLabelText("Reason")).toHaveProperty("value", "INC-4471");
  await press(go());
  expect(onAccepted).toHaveBeenCalledWith("77");
});

const run = {
  ...{ id: "21670000000031", name: "Stop OB", state: "FAILED", stage: 3, maxStage: 6 },
  ...{ coordinator: "10.0.2.1:2886", by: "li.wei", endedAt: null },
};
const parts: Plan["parts"] = ["10.0.1.1:2886", "10.0.1.2:2886"].map((agent) => ({
  ...{ agent, taskId: "1", does: "release" },
}));

test.each([
  [{ action: "start", method: null }, "Start 1 server in prod-core?", "Leave them stopped", "Start 1 server"],
  [
    { action: "cancel", method: null, run },
    "Cancel the remaining steps of run 2167…0031 in prod-core?",
    "Let the run go on",
    "Cancel remaining steps",
  ],
  [
    { action: "retry", method: null, run },
    "Retry the flush of run 2167…0031 in prod-core?",
    "Leave the run failed",
    "Retry flush",
  ],
  [
    { action: "retry", method: null, run: { ...run, name: "Start OB" } },
    "Retry the zone start of run 2167…0031 in prod-core?",
    "Leave the run failed",
    "Retry zone start",
  ],
  [
    { action: "skip", method: null, run },
    "Continue run 2167…0031 in prod-core without flush?",
    "Leave the run failed",
    "Continue without flush",
  ],
  [
    { action: "release", method: null, run, parts },
    "Release maintenance of 2 agents in prod-core?",
    "Keep maintenance",
    "Release 2 agents",
  ],
] satisfies [Partial<Plan>, string, string, string][])("%o asks its own question", (change, title, keep, go) => {
  open(change);
  const dialog = screen.getByRole("alertdialog", { name: title });
  const names = [...dialog.querySelectorAll("footer button")].map((button) => button.textContent);
  expect(names).toEqual([keep, go]);
  expect(dialog.textContent).not.toMatch(/\bundo\b/i);
});

test("an operation that was taken leads to its results, and sends nothing twice", async () => {
  const { onOperating, onAccepted, confirmPlan } = open({ action: "release", method: null, run, parts }, () =>
    Promise.resolve({ ok: true, value: { state: "operating", isOver: false, runId: run.id, parts: [] } }),
  );
  await pass(600);
  await press(screen.getByRole("button", { name: "Release 2 agents" }));
  expect(onOperating).toHaveBeenCalledWith("plan-1", run.id);
  expect(onAccepted).not.toHaveBeenCalled();
  await press(screen.getByRole("button", { name: "Release 2 agents" }));
  expect(confirmPlan).toHaveBeenCalledTimes(1);
});

test("an escalation says why it came, and that a run is cancelled first", async () => {
  open({ method: "force", run, continues: run.id, cancels: run.id }, () => new Promise(() => undefined));
  expect(document.body.textContent).toContain(
    "Escalation of run 21670000000031: cancels it first, then force stops 1 server.",
  );
  await pass(600);
  await press(screen.getByRole("button", { name: "Force stop 1 server" }));
  expect(document.body.textContent).toContain("Cancelling run 2167…0031 first");
});

test("the dialog names the servers that the stop does not reach, and says that they go on", () => {
  const impact = { ...examplePlan().impact, outOfReach: ["10.0.1.3:2882"] };
  open({ impact });
  expect(screen.getByText("10.0.1.3:2882")).toBeTruthy();
  expect(screen.getByText(/Not reached, because it has no agent: it goes on as it is/)).toBeTruthy();
  cleanup();
  open({ impact: { ...impact, staying: 0 } });
  expect(screen.queryByText("No server stays up")).toBeNull();
});
