import { QueryClient, QueryClientProvider, useQuery } from "@tanstack/react-query";
import { act, cleanup, fireEvent, render, screen, waitFor } from "@testing-library/react";
import { NextIntlClientProvider } from "next-intl";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { readMethod, readSelection, writeMethod, writeSelection } from "@/components/lifecycle/selection-store";
import { FailureNote } from "@/components/ui/failure-note";
import { MESSAGES } from "@/lib/i18n/messages";
import { getJson } from "@/lib/get-json";
import { tellSignedIn } from "@/lib/signed-out";
import { SessionWatch } from "./session-watch";

const refresh = vi.fn();
vi.mock("next/navigation", () => ({ useRouter: () => ({ refresh }) }));
vi.mock("next/dynamic", async () => {
  const { SignInDialog } = await import("./sign-in-dialog");
  return { default: () => SignInDialog };
});

/** What the server side answers, by path; each answer may be changed on the way. */
let answers: Record<string, () => unknown>;
const reload = vi.fn();

beforeEach(() => {
  HTMLDialogElement.prototype.showModal = function (this: HTMLDialogElement) {
    this.open = true;
  };
  HTMLDialogElement.prototype.close = function (this: HTMLDialogElement) {
    this.open = false;
  };
  vi.stubGlobal("location", { ...window.location, reload });
  answers = { "/api/auth/providers": () => [] };
  vi.stubGlobal(
    "fetch",
    vi.fn((path: string) => {
      const body = answers[path]?.();
      const failed = typeof body === "object" && body !== null && "failure" in body;
      return Promise.resolve(Response.json(body ?? null, { status: failed ? 401 : 200 }));
    }),
  );
});
afterEach(() => {
  cleanup();
  tellSignedIn();
  vi.unstubAllGlobals();
  vi.clearAllMocks();
});

const SIGNED_OUT = { failure: { kind: "signed-out" } };

function Facts() {
  const { data } = useQuery({ queryKey: ["facts"], queryFn: () => getJson<string>("/api/facts"), retry: false });
  return (
    <>
      <p>{data ?? "nothing yet"}</p>
      <input aria-label="Reason" />
    </>
  );
}

const show = (children = <Facts />) =>
  render(
    <NextIntlClientProvider locale="en" messages={MESSAGES.en} timeZone="UTC">
      <QueryClientProvider client={new QueryClient()}>
        {children}
        <SessionWatch name="li.wei" />
      </QueryClientProvider>
    </NextIntlClientProvider>,
  );
const dialog = () => screen.queryByRole("dialog", { name: "You are signed out", hidden: true });
const type = (label: string, value: string) => fireEvent.change(screen.getByLabelText(label), { target: { value } });
const signIn = async () => {
  type("Password", "only-for-tests-7");
  await act(async () => {
    fireEvent.submit(screen.getByLabelText("Password"));
    await Promise.resolve();
  });
};

test("a read that finds nobody signed in asks over the page, and afterwards everything is as it was, but Force is off", async () => {
  answers["/api/facts"] = () => SIGNED_OUT;
  writeSelection("c1", ["10.0.0.1:2886"]);
  writeMethod("c1", "force");
  show();
  await waitFor(() => expect(dialog()).not.toBeNull());
  type("Reason", "INC-4471");
  expect(screen.getByLabelText<HTMLInputElement>("Name").value).toBe("li.wei");

  answers["/api/auth/sign-in"] = () => ({ failure: { kind: "password-wrong" } });
  await signIn();
  await waitFor(() => expect(screen.getByText("Name and password do not match.")).toBeTruthy());
  expect(dialog()).not.toBeNull();

  answers["/api/facts"] = () => "all well";
  answers["/api/auth/sign-in"] = () => ({ step: "done", name: "li.wei" });
  await signIn();
  await waitFor(() => expect(screen.getByText("all well")).toBeTruthy());
  expect(dialog()).toBeNull();
  expect(screen.getByLabelText<HTMLInputElement>("Reason").value).toBe("INC-4471");
  expect([...readSelection("c1")]).toEqual(["10.0.0.1:2886"]);
  expect(readMethod("c1")).toBe("stop");
  expect(reload).not.toHaveBeenCalled();
});

test("an action that was refused because nobody is signed in asks as well", async () => {
  show(<FailureNote failure={{ kind: "signed-out" }} />);
  await waitFor(() => expect(dialog()).not.toBeNull());
});

test("when somebody else signs in there, nothing of the one before is left", async () => {
  answers["/api/facts"] = () => SIGNED_OUT;
  answers["/api/auth/sign-in"] = () => ({ step: "done", name: "mallory" });
  sessionStorage.setItem("standdown.selection.c1", "{}");
  show();
  await waitFor(() => expect(dialog()).not.toBeNull());
  type("Name", "mallory");
  await signIn();
  await waitFor(() => expect(reload).toHaveBeenCalledOnce());
  expect(sessionStorage.length).toBe(0);
});

test("the second factor is asked for in the dialog, and a backup code is taken instead", async () => {
  answers["/api/facts"] = () => SIGNED_OUT;
  answers["/api/auth/sign-in"] = () => ({ step: "second-factor", name: "li.wei" });
  show();
  await waitFor(() => expect(dialog()).not.toBeNull());
  await signIn();
  await waitFor(() => expect(screen.getByLabelText("Code of your authenticator")).toBeTruthy());
  fireEvent.click(screen.getByText("Use a backup code"));
  type("Backup code", " abcde-12345 ");
  answers["/api/auth/second-factor"] = () => ({ step: "done", name: "li.wei" });
  answers["/api/facts"] = () => "all well";
  await act(async () => {
    fireEvent.submit(screen.getByLabelText("Backup code"));
    await Promise.resolve();
  });
  await waitFor(() => expect(dialog()).toBeNull());
  expect(vi.mocked(fetch)).toHaveBeenCalledWith(
    "/api/auth/second-factor",
    expect.objectContaining({ body: JSON.stringify({ code: "abcde-12345", isBackupCode: true }) }),
  );
});

test("a code is taken as the authenticator shows it, with a space in the middle", async () => {
  answers["/api/facts"] = () => SIGNED_OUT;
  answers["/api/auth/sign-in"] = () => ({ step: "second-factor", name: "li.wei" });
  answers["/api/auth/second-factor"] = () => ({ failure: { kind: "code-wrong" } });
  show();
  await waitFor(() => expect(dialog()).not.toBeNull());
  await signIn();
  type("Code of your authenticator", "123 456");
  fireEvent.submit(screen.getByLabelText("Code of your authenticator"));
  await waitFor(() => expect(screen.getByText(/choose ‘Use a backup code’/)).toBeTruthy());
  expect(vi.mocked(fetch)).toHaveBeenCalledWith(
    "/api/auth/second-factor",
    expect.objectContaining({ body: JSON.stringify({ code: "123456", isBackupCode: false }) }),
  );
});

test("a password that is longer than any can be says so before it is sent", async () => {
  answers["/api/facts"] = () => SIGNED_OUT;
  show();
  await waitFor(() => expect(dialog()).not.toBeNull());
  type("Password", "x".repeat(129));
  expect(screen.getByText("A password has at most 128 characters.")).toBeTruthy();
});

test("whoever signs in in another tab finds this one going on", async () => {
  answers["/api/facts"] = () => SIGNED_OUT;
  show();
  await waitFor(() => expect(dialog()).not.toBeNull());
  answers["/api/facts"] = () => "all well";
  answers["/api/auth/who"] = () => "li.wei";
  act(() => void window.dispatchEvent(new Event("focus")));
  await waitFor(() => expect(dialog()).toBeNull());
});
