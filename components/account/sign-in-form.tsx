"use client";

import { useTranslations } from "next-intl";
import { useState, type FormEvent } from "react";
import { Button } from "@/components/ui/button";
import { FailureNote } from "@/components/ui/failure-note";
import { TextField } from "@/components/ui/text-field";
import type { SignInStep } from "@/lib/auth/schema";
import type { Failure, Result } from "@/lib/errors";
import { postAuth } from "./post-auth";
import { withoutSpaces } from "./without-spaces";

/** No password is longer than the first; the sign-in reads no more than the second. */
const LONGEST_PASSWORD = 128;
const LONGEST_INPUT = 1_000;

export type FormStep = "password" | "second-factor" | "new-password";

/**
 * Name and password, then a code or a password of one's own where that is asked for. A real form at each step: password
 * managers fill it, Enter sends it, and the first step works before any script has loaded.
 */
export function SignInForm({
  name: initialName = "",
  next,
  firstStep = "password",
  firstFailure = null,
  onDone,
}: {
  name?: string;
  /** Where a form that was sent without a script leads to. */
  next: string;
  firstStep?: FormStep;
  firstFailure?: Failure | null;
  onDone: (name: string) => void;
}) {
  const t = useTranslations("account.signIn");
  const [step, setStep] = useState<FormStep>(firstStep);
  const [name, setName] = useState(initialName);
  const [password, setPassword] = useState("");
  const [own, setOwn] = useState("");
  const [again, setAgain] = useState("");
  const [code, setCode] = useState("");
  const [isBackupCode, setBackupCode] = useState(false);
  const [isBusy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Failure | null>(firstFailure);
  const differs = step === "new-password" && again !== "" && own !== again;

  const send = async (event: FormEvent) => {
    event.preventDefault();
    if (isBusy || (step === "new-password" && own !== again)) return;
    setBusy(true);
    setFailure(null);
    const result: Result<SignInStep> =
      step === "second-factor"
        ? await postAuth("second-factor", { code: withoutSpaces(code), isBackupCode })
        : await postAuth("sign-in", { name, password, ...(step === "new-password" ? { newPassword: own } : {}) });
    if (result.ok && result.value.step === "done") return onDone(result.value.name);
    setBusy(false);
    const isJudged = result.ok || result.failure.kind !== "console-unreachable";
    if (isJudged) setCode("");
    if (result.ok) setStep(result.value.step === "done" ? "password" : result.value.step);
    else fail(result.failure);
  };
  const fail = (next: Failure) => {
    setFailure(next);
    if (next.kind === "challenge-over") startOver();
  };
  const startOver = () => {
    setStep("password");
    setPassword("");
    setOwn("");
    setAgain("");
  };

  return (
    <form method="post" action="/api/auth/sign-in" onSubmit={(event) => void send(event)} className="space-y-4">
      {failure ? <FailureNote key={failure.kind} failure={failure} /> : null}
      <input type="hidden" name="next" value={next} />
      {step === "password" ? (
        <>
          <TextField
            label={t("name")}
            name="name"
            autoComplete="username"
            required
            maxLength={64}
            autoFocus={initialName === ""}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <TextField
            label={t("password")}
            name="password"
            type="password"
            autoComplete="current-password"
            required
            maxLength={LONGEST_INPUT}
            hint={password.length > LONGEST_PASSWORD ? t("tooLong") : undefined}
            autoFocus={initialName !== ""}
            data-first-focus={initialName === "" ? undefined : ""}
            value={password}
            onChange={(event) => setPassword(event.currentTarget.value)}
          />
        </>
      ) : (
        <p>{t(step === "second-factor" ? "codeLead" : "ownLead", { name })}</p>
      )}
      {step === "second-factor" ? (
        <TextField
          key={isBackupCode ? "backup" : "code"}
          label={t(isBackupCode ? "backupCode" : "code")}
          name="code"
          autoComplete={isBackupCode ? "off" : "one-time-code"}
          inputMode={isBackupCode ? "text" : "numeric"}
          required
          autoFocus
          value={code}
          onChange={(event) => setCode(event.currentTarget.value)}
          className="max-w-56"
        />
      ) : null}
      {step === "new-password" ? (
        <>
          <input type="hidden" name="name" value={name} autoComplete="username" />
          <TextField
            label={t("own")}
            hint={t("ownHint")}
            name="newPassword"
            type="password"
            autoComplete="new-password"
            minLength={12}
            maxLength={128}
            required
            autoFocus
            value={own}
            onChange={(event) => setOwn(event.currentTarget.value)}
          />
          <TextField
            label={t("again")}
            hint={differs ? t("differs") : undefined}
            type="password"
            autoComplete="new-password"
            required
            maxLength={LONGEST_INPUT}
            aria-invalid={differs || undefined}
            value={again}
            onChange={(event) => setAgain(event.currentTarget.value)}
          />
        </>
      ) : null}
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <Button type="submit" look="primary" aria-busy={isBusy || undefined}>
          {isBusy ? t("busy") : t(step === "new-password" ? "goOwn" : "go")}
        </Button>
        {step === "second-factor" ? (
          <Button look="quiet" onClick={() => setBackupCode(!isBackupCode)}>
            {t(isBackupCode ? "useCode" : "useBackupCode")}
          </Button>
        ) : null}
        {step === "password" ? null : (
          <Button look="quiet" onClick={startOver}>
            {t("startOver")}
          </Button>
        )}
      </div>
    </form>
  );
}
