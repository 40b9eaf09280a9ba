import { act, cleanup, fireEvent, render, screen } from "@testing-library/react";
import { NextIntlClientProvider } from "next-intl";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { PersonProvider } from "@/components/account/person";
import { MESSAGES } from "@/lib/i18n/messages";
import { isSignedOut, tellSignedIn } from "@/lib/signed-out";
import { LanguageSelect } from "./language-select";

const { refresh } = vi.hoisted(() => ({ refresh: vi.fn() }));
vi.mock("next/navigation", () => ({ useRouter: () => ({ refresh }) }));

const select = () => screen.getByRole<HTMLSelectElement>("combobox", { name: "Language" });

async function choose(answer: () => Promise<Response>) {
  vi.stubGlobal("fetch", answer);
  render(
    <NextIntlClientProvider locale="en" messages={MESSAGES.en} timeZone="UTC">
      <PersonProvider name="li.wei">
        <LanguageSelect />
      </PersonProvider>
    </NextIntlClientProvider>,
  );
  await act(async () => {
    fireEvent.change(select(), { target: { value: "zh" } });
    await new Promise((resolve) => setTimeout(resolve, 20));
  });
}

beforeEach(() => {
  document.cookie = "standdown-locale=; path=/; max-age=0";
});
afterEach(() => {
  cleanup();
  refresh.mockClear();
  tellSignedIn();
  vi.unstubAllGlobals();
});

test("a language is kept and the page is drawn again in place", async () => {
  await choose(() => Promise.resolve(Response.json("li.wei")));
  expect(document.cookie).toContain("standdown-locale=zh");
  expect(refresh).toHaveBeenCalledOnce();
});

test("without the console the page, and all that was typed on it, stays as it is", async () => {
  await choose(() => Promise.reject(new TypeError("network")));
  expect(refresh).not.toHaveBeenCalled();
  expect(document.cookie).not.toContain("standdown-locale");
  expect(select().value).toBe("en");
});

test("after the session has ended it is asked to sign in, over the page that stands", async () => {
  await choose(() => Promise.resolve(Response.json(null)));
  expect(refresh).not.toHaveBeenCalled();
  expect(isSignedOut()).toBe(true);
  expect(select().value).toBe("en");
});

test("of two choices the last one holds, whichever is answered first", async () => {
  const answers: ((answer: Response) => void)[] = [];
  await choose(() => new Promise((resolve) => answers.push(resolve)));
  await act(async () => {
    fireEvent.change(select(), { target: { value: "en" } });
    await new Promise((resolve) => setTimeout(resolve, 20));
    for (const answer of answers.toReversed()) answer(Response.json("li.wei"));
    await new Promise((resolve) => setTimeout(resolve, 20));
  });
  expect(answers).toHaveLength(2);
  expect(document.cookie).toContain("standdown-locale=en");
  expect(refresh).toHaveBeenCalledOnce();
});
