import { cleanup } from "@testing-library/react";
import { createTranslator } from "next-intl";
import { afterEach, expect, test, vi } from "vitest";
import { TestStepLine } from "@/components/clusters/test-step-line";
import { LOCALES, show } from "@/components/testing/show";
import type { TestWord } from "@/lib/clusters/schema";
import { MESSAGES } from "@/lib/i18n/messages";
import { FailureNote } from "./failure-note";

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

const ADDRESS = "10.0.1.1:2886";
const FAULTS: [fault: string, word: TestWord][] = [
  ["wanted", "tlsWanted"],
  ["notSpoken", "tlsNotSpoken"],
  ["expired", "tlsExpired"],
  ["name", "tlsName"],
  ["client", "tlsClient"],
  ["authority", "tlsAuthority"],
];

test.each(LOCALES)(
  "what is wrong with the encryption is told on every page as the connection test tells it, in %s",
  (locale) => {
    for (const [tls, word] of FAULTS) {
      cleanup();
      const step = {
        id: "tls",
        state: "failed",
        said: word,
        failure: null,
        params: { address: ADDRESS },
        items: [],
      } as const;
      const { container } = show(
        <>
          <FailureNote failure={{ kind: "tls-failed", params: { address: ADDRESS, tls } }} />
          <ul>
            <TestStepLine step={{ ...step, params: { address: ADDRESS }, items: [] }} />
          </ul>
        </>,
        { locale },
      );
      const t = createTranslator({ locale, messages: MESSAGES[locale], namespace: "clusters.test.said" });
      const sentence = plain(t(word as "tlsWanted", { address: ADDRESS }));
      expect(plain(container.textContent ?? "").split(sentence)).toHaveLength(3);
    }
  },
);

test.each(LOCALES)("for an agent that speaks TLS the way on is the cluster's settings, in %s", (locale) => {
  const { container } = show(
    <FailureNote failure={{ kind: "tls-failed", params: { address: ADDRESS, tls: "wanted" } }} />,
    { locale },
  );
  expect(container.textContent).toMatch(
    { en: /Turn on TLS in the cluster.s settings/, zh: /在集群设置中启用 TLS/ }[locale],
  );
  expect(container.textContent).not.toMatch(/cannot be reached|无法连接/);
});

/** Apostrophes have two forms in the messages. */
const plain = (text: string): string => text.replaceAll("’", "'");
