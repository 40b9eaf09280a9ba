import { renderHook } from "@testing-library/react";
import compile from "icu-minify/compile";
import { NextIntlClientProvider } from "next-intl";
import type { ReactNode } from "react";
import { expect, test } from "vitest";
import { MESSAGES, type Messages } from "@/lib/i18n/messages";
import { useFactWords } from "./use-fact-words";

const asBuilt = (messages: unknown): unknown =>
  typeof messages === "string"
    ? compile(messages)
    : Object.fromEntries(Object.entries(messages as object).map(([key, below]) => [key, asBuilt(below)]));

test.each([
  ["written", MESSAGES.en],
  ["built", asBuilt(MESSAGES.en) as Messages],
])(
  "why something was refused is told in a whole sentence or by its code, from messages as they are %s",
  (_, messages) => {
    const wrapper = ({ children }: { children: ReactNode }) => (
      <NextIntlClientProvider locale="en" messages={messages} timeZone="UTC">
        {children}
      </NextIntlClientProvider>
    );
    const { code } = renderHook(() => useFactWords(), { wrapper }).result.current;
    expect(code("plan-used")).toBe(MESSAGES.en.errors["plan-used"].what);
    expect(code("task-not-found")).toBe("task-not-found"); // its sentence names an agent that only its moment knew
    expect(code("of-a-later-release")).toBe("of-a-later-release");
  },
);
