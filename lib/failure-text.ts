import "server-only";
import { isAppError } from "./errors";
import en from "./i18n/messages/en/errors.json";
import zh from "./i18n/messages/zh/errors.json";

const CHINESE = /^zh/i;

/** What happened and what to do next, for a terminal and in its language; null for what has no words of its own. */
export function failureText(error: unknown, language = terminalLanguage()): { problem: string; next: string } | null {
  if (!isAppError(error)) return null;
  const { what, next } = (CHINESE.test(language) ? zh : en)[error.kind];
  return { problem: fill(what, error.facts.params), next: fill(next, error.facts.params) };
}

/** A sentence is its text, or what the build has made of it: a list of texts, with `[name]` where a value belongs. */
export function fill(sentence: unknown, params: Record<string, string | number> = {}): string {
  const value = (name: string) => String(params[name] ?? "—");
  if (Array.isArray(sentence))
    return sentence.map((part: unknown) => (Array.isArray(part) ? value(String(part[0])) : String(part))).join("");
  return String(sentence).replace(/\{(\w+)\}/g, (_, name: string) => value(name));
}

const terminalLanguage = (): string => process.env.LC_ALL || process.env.LC_MESSAGES || process.env.LANG || "";
