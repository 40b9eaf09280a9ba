import compile from "icu-minify/compile";
import { expect, test } from "vitest";
import en from "./i18n/messages/en/errors.json";
import zh from "./i18n/messages/zh/errors.json";
import { failureText, fill } from "./failure-text";
import { storeFault } from "./store-away";

test("a terminal reads what is wrong with the store in its language, with the file", () => {
  const error = storeFault("store-gone", "/srv/standdown.db");
  expect(failureText(error, "de_DE.UTF-8")?.problem).toContain(
    "The store’s file /srv/standdown.db is not in its place",
  );
  expect(failureText(error, "zh_CN.UTF-8")?.problem).toContain("存储文件 /srv/standdown.db 不在原处");
  expect(failureText(new Error("else"))).toBeNull();
});

test("what the build makes of a sentence reads as the sentence", () => {
  const params = { file: "/srv/standdown.db", key: "ab12" };
  for (const errors of [en, zh])
    for (const kind of [
      "store-gone",
      "store-replaced",
      "store-cut",
      "store-foreign",
      "store-older",
      "key-gone",
    ] as const)
      for (const text of Object.values(errors[kind])) expect(fill(compile(text), params)).toBe(fill(text, params));
});
