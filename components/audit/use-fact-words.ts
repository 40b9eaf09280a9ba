"use client";

import { useTranslations } from "next-intl";
import { useMemo } from "react";
import type { AuditLine } from "@/lib/audit/schema";

/** The words that sign-ins and changes of people are written down with, which stay English in the file. */
const KNOWN = {
  everywhere: "everywhere",
  password: "password",
  "password, code": "passwordCode",
  "password, backup code": "passwordBackup",
  "proof before an action": "proof",
  "unknown name": "unknownName",
  "own password": "ownPassword",
  "chose a password": "chosePassword",
  "second factor begun": "factorBegun",
  "second factor on": "factorOn",
  "second factor off": "factorOff",
  "new backup codes": "newBackupCodes",
  "signed out everywhere": "outEverywhere",
  "new one-time password, second factor removed": "reset",
  "new password, second factor removed": "reset",
  activated: "activated",
  deactivated: "deactivated",
  "first start": "firstStart",
  "its agent answers again": "answersAgain",
  "the database calls it active again": "activeAgain",
  "it has left the cluster": "leftCluster",
} as const;
const FIRST = /^first sign-in at (.+)$/;
const ROLE = /^(viewer|operator|administrator) (.+)$/;
/** What their lines tell is written by lib/auth, and lib/clusters/set-aside.ts, alone. */
const IN_FACTS = /^(session|person|member)\./;

/** Short facts and codes of the record in the language of the page; what is not known is shown as it came. */
export function useFactWords() {
  const t = useTranslations("audit");
  const roles = useTranslations("account.role");
  const errors = useTranslations("errors");
  return useMemo(() => {
    const fact = (text: string): string => {
      if (Object.hasOwn(KNOWN, text)) return t(`fact.${KNOWN[text as keyof typeof KNOWN]}`);
      const [, provider] = FIRST.exec(text) ?? [];
      if (provider !== undefined) return t("fact.firstSignIn", { provider });
      const [, role, target] = ROLE.exec(text) ?? [];
      if (role === undefined || target === undefined) return text;
      const place = target === "everywhere" ? t("fact.everywhere") : target;
      return `${roles(role as "viewer" | "operator" | "administrator")} ${place}`; // safe: the pattern names these three
    };
    const facts = (action: AuditLine["action"], text: string): string =>
      IN_FACTS.test(action) ? text.split(" · ").map(fact).join(" · ") : text;
    /** Why something was refused, without the values that only its moment knew. */
    const code = (kind: string): string => {
      const short = `code.${kind}` as Parameters<typeof t>[0]; // safe: only what has words is asked for
      if (t.has(short)) return t(short);
      const what = `${kind}.what` as Parameters<typeof errors>[0];
      const words: unknown = errors.has(what) ? errors.raw(what) : null;
      // The build makes a list of a sentence with values.
      return typeof words === "string" && !words.includes("{") ? errors(what) : kind;
    };
    return { facts, code };
  }, [t, roles, errors]);
}
