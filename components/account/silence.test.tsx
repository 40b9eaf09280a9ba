import { cleanup, fireEvent, screen, waitFor } from "@testing-library/react";
import type { ReactNode } from "react";
import { afterEach, expect, test, vi } from "vitest";
import { StepUp } from "@/components/lifecycle/step-up";
import { show } from "@/components/testing/show";
import { MESSAGES } from "@/lib/i18n/messages";
import { PasswordChange } from "./password-change";
import { SecondFactor } from "./second-factor";
import { SignInForm } from "./sign-in-form";

vi.mock("next/navigation", () => ({ useRouter: () => ({ refresh: () => undefined }) }));
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

const { signIn, settings } = MESSAGES.en.account;
const OFFLINE = MESSAGES.en.errors["console-unreachable"].what;
const silence = () => Promise.reject(new TypeError("fetch failed"));
const nobody = () => undefined;

/** Answers the first calls as told, and every later one with silence. */
function answer(...bodies: object[]) {
  const rest = [...bodies];
  vi.stubGlobal("fetch", () => {
    const body = rest.shift();
    return body ? Promise.resolve(Response.json(body)) : silence();
  });
}
const field = (label: string) => screen.getByLabelText<HTMLInputElement>(label);
const type = (label: string, text: string) => fireEvent.change(field(label), { target: { value: text } });
const sendForm = (label: string) => fireEvent.submit(field(label));

async function staysAfterSilence(label: string, text: string) {
  await waitFor(() => expect(screen.getByText(OFFLINE)).toBeTruthy());
  expect(field(label).value).toBe(text);
}

function open(page: ReactNode, ...answers: object[]) {
  show(page);
  answer(...answers);
}

test("a password that is sent into silence to sign in is still typed", async () => {
  open(<SignInForm name="ann" next="/" onDone={nobody} />);
  type(signIn.password, "correct horse");
  sendForm(signIn.password);
  await staysAfterSilence(signIn.password, "correct horse");
});

test("a code that is sent into silence to sign in is still typed, and one that was judged is asked for again", async () => {
  open(<SignInForm name="ann" next="/" onDone={nobody} />, { step: "second-factor" });
  type(signIn.password, "correct horse");
  sendForm(signIn.password);
  await screen.findByLabelText(signIn.code);
  type(signIn.code, "123 456");
  sendForm(signIn.code);
  await staysAfterSilence(signIn.code, "123 456");
  vi.stubGlobal("fetch", () => Promise.resolve(Response.json({ failure: { kind: "code-wrong" } }, { status: 401 })));
  sendForm(signIn.code);
  await screen.findByText(MESSAGES.en.errors["code-wrong"].what);
  expect(field(signIn.code).value).toBe("");
});

test("a new password that is sent into silence is still typed, and nothing says that it was changed", async () => {
  open(<PasswordChange name="ann" />);
  const { old, again, done } = settings.password;
  type(old, "correct horse");
  type(settings.password.new, "battery staple 1");
  type(again, "battery staple 1");
  sendForm(old);
  await staysAfterSilence(old, "correct horse");
  expect(field(again).value).toBe("battery staple 1");
  expect(screen.queryByText(done)).toBeNull();
});

test("what proves a change of the second factor is still typed after silence", async () => {
  open(<SecondFactor isOn={false} hasPassword />);
  fireEvent.click(screen.getByRole("button", { name: settings.totp.add }));
  type(settings.totp.password, "correct horse");
  sendForm(settings.totp.password);
  await staysAfterSilence(settings.totp.password, "correct horse");
});

test("the code that turns the second factor on is still typed after silence", async () => {
  open(<SecondFactor isOn={false} hasPassword />, { secret: "ABCD", uri: "otpauth://x", backupCodes: ["1"] });
  fireEvent.click(screen.getByRole("button", { name: settings.totp.add }));
  type(settings.totp.password, "correct horse");
  sendForm(settings.totp.password);
  await screen.findByLabelText(settings.totp.code);
  type(settings.totp.code, "123456");
  sendForm(settings.totp.code);
  await staysAfterSilence(settings.totp.code, "123456");
});

test("a password that is asked for in the dialog is still typed after silence", async () => {
  const { password, go } = MESSAGES.en.plan.stepUp;
  open(<StepUp clusterId="c1" proveAgain={silence} onProven={() => expect.unreachable()} />);
  type(password, "correct horse");
  fireEvent.click(screen.getByRole("button", { name: go }));
  await staysAfterSilence(password, "correct horse");
});
