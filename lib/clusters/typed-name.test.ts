import { expect, test } from "vitest";
import { isNameTyped } from "./typed-name";

test.each([
  ["two  spaces", "two spaces"],
  ["a\u00a0b", "a b"],
  [" core ", "core"],
  ["café", "cafe\u0301"],
  ["ＰＲＯＤ１", "PROD1"],
  ["pay\u200bments", "payments"],
  ["生产 集群", "生产\u3000集群"],
  ["tab\tname", "tab name"],
  ["prod\u2011core", "prod-core"],
  ["prod\u2013core", "prod-core"],
  ["prod--core", "prod\u2014core"],
  ["li's “core”", 'li\u2019s "core"'],
])("the name %j is typed by what a person sees of it", (name, typed) => {
  expect(isNameTyped(typed, name)).toBe(true);
  expect(isNameTyped(name, name)).toBe(true);
});

test.each([
  ["core", "Core"],
  ["core", "cor"],
  ["core", ""],
  ["two spaces", "twospaces"],
  ["\u200b", ""],
])("the name %j is not typed by %j", (name, typed) => {
  expect(isNameTyped(typed, name)).toBe(false);
});
