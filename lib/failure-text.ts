import "server-only";
import en from "./i18n/messages/en/errors.json";
import zh from "./i18n/messages/zh/errors.json";
import { isAppError } from "./errors";

const CHINESE = /^zh/i;

/** What happened and what to do next, for a terminal and in its language; null for what has no words of its own. */
export function failureText(error: unknown, language = terminalLanguage()): { problem: string; next: string } | null {
  if (!isAppError(error)) return null;
  const { what, next } = (CHINESE.test(language) ? zh : en)[error.kind];
  const fill = (text: string) =>
    text.replace(/\{(\w+)\}/g, (_, name: string) => String(error.facts.params?.[name] ?? "—"));
  return { problem: fill(what), next: fill(next) };
}

const terminalLanguage = (): string => process.env.LC_ALL || process.env.LC_MESSAGES || process.env.LANG || "";
