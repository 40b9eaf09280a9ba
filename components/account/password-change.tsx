"use client";

import { useTranslations } from "next-intl";
import { useState, type FormEvent } from "react";
import { Button } from "@/components/ui/button";
import { FailureNote } from "@/components/ui/failure-note";
import { TextField } from "@/components/ui/text-field";
import { postAuth } from "./post-auth";
import { useSending } from "./use-sending";

/** A new password, proven with the old one. It ends every other session of the same person. */
export function PasswordChange({ name }: { name: string }) {
  const t = useTranslations("account.settings.password");
  const { isBusy, failure, send } = useSending();
  const [password, setPassword] = useState("");
  const [own, setOwn] = useState("");
  const [again, setAgain] = useState("");
  const [isDone, setDone] = useState(false);
  const differs = again !== "" && own !== again;

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setDone(false);
    if (own !== again) return;
    const done = await send(() => postAuth<null>("password", { password, newPassword: own }));
    if (!done) return;
    setDone(true);
    for (const clear of [setPassword, setOwn, setAgain]) clear("");
  };
  return (
    <form onSubmit={(event) => void submit(event)} className="max-w-sm space-y-4">
      {failure ? <FailureNote failure={failure} /> : null}
      <input hidden readOnly name="username" autoComplete="username" value={name} />
      <TextField
        label={t("old")}
        type="password"
        autoComplete="current-password"
        required
        maxLength={1_000}
        value={password}
        onChange={(event) => setPassword(event.currentTarget.value)}
      />
      <TextField
        label={t("new")}
        hint={t("hint")}
        type="password"
        autoComplete="new-password"
        minLength={12}
        maxLength={128}
        required
        value={own}
        onChange={(event) => setOwn(event.currentTarget.value)}
      />
      <TextField
        label={t("again")}
        hint={differs ? t("differs") : undefined}
        aria-invalid={differs || undefined}
        type="password"
        autoComplete="new-password"
        required
        maxLength={1_000}
        value={again}
        onChange={(event) => setAgain(event.currentTarget.value)}
      />
      <div className="flex flex-wrap items-center gap-3">
        <Button type="submit" aria-busy={isBusy || undefined}>
          {t("go")}
        </Button>
        <p role="status">{isDone ? t("done") : ""}</p>
      </div>
    </form>
  );
}
