"use client";

import { useTranslations } from "next-intl";
import { useRouter } from "next/navigation";
import { useState, type FormEvent } from "react";
import { Button } from "@/components/ui/button";
import { FailureNote } from "@/components/ui/failure-note";
import { StateMark } from "@/components/ui/state-mark";
import { TextField } from "@/components/ui/text-field";
import { BackupCodes } from "./backup-codes";
import { postAuth } from "./post-auth";
import { QrImage } from "./qr-image";
import { useSending } from "./use-sending";
import { withoutSpaces } from "./without-spaces";

interface Enrolment {
  secret: string;
  uri: string;
  backupCodes: string[];
}
const LABELS = { "totp/begin": "add", "totp/remove": "remove", "backup-codes": "renew" } as const;
type Wish = keyof typeof LABELS;

/** An authenticator beside the password: enrolled with a code that it shows, taken away with the password, or a code where there is none. */
export function SecondFactor({ isOn, hasPassword }: { isOn: boolean; hasPassword: boolean }) {
  const t = useTranslations("account.settings.totp");
  const router = useRouter();
  const { isBusy, failure, send, forget } = useSending();
  const [wish, setWish] = useState<Wish | null>(null);
  const [password, setPassword] = useState("");
  const [enrolment, setEnrolment] = useState<Enrolment | null>(null);
  const [code, setCode] = useState("");
  const [codes, setCodes] = useState<string[] | null>(null);

  const leave = () => {
    setWish(null);
    setPassword("");
    setCode("");
    setEnrolment(null);
    forget();
  };
  const prove = async (event: FormEvent, wanted: Wish) => {
    event.preventDefault();
    const proof = hasPassword ? { password } : { password: "", code: withoutSpaces(code) };
    const done = await send(() => postAuth<Partial<Enrolment> | null>(wanted, proof));
    if (!done) return;
    leave();
    const { secret, uri, backupCodes } = done.value ?? {};
    if (wanted === "totp/begin" && secret && uri && backupCodes) return setEnrolment({ secret, uri, backupCodes });
    setCodes(wanted === "backup-codes" ? (backupCodes ?? null) : null);
    router.refresh();
  };
  const confirm = async (event: FormEvent) => {
    event.preventDefault();
    const done = await send(
      () => postAuth<null>("totp/confirm", { code: withoutSpaces(code) }),
      () => setCode(""),
    );
    if (!done) return;
    setCodes(enrolment?.backupCodes ?? null);
    leave();
    router.refresh();
  };

  if (enrolment) {
    return (
      <form onSubmit={(event) => void confirm(event)} className="space-y-4">
        {failure ? <FailureNote failure={failure} /> : null}
        <ol className="list-decimal space-y-4 pl-5">
          <li>
            <p>{t("scan")}</p>
            <QrImage text={enrolment.uri} label={t("qr")} />
            <p className="mt-2 text-sm text-ink-2">{t("byHand")}</p>
            <p className="font-mono text-sm select-all" translate="no">
              {enrolment.secret.match(/.{1,4}/g)?.join(" ")}
            </p>
          </li>
          <li>
            <TextField
              label={t("code")}
              autoComplete="one-time-code"
              inputMode="numeric"
              required
              autoFocus
              value={code}
              onChange={(event) => setCode(event.currentTarget.value)}
              className="max-w-56"
            />
          </li>
        </ol>
        <div className="flex flex-wrap gap-3">
          <Button type="submit" look="primary" aria-busy={isBusy || undefined}>
            {t("turnOn")}
          </Button>
          <Button look="quiet" onClick={leave}>
            {t("cancel")}
          </Button>
        </div>
      </form>
    );
  }
  return (
    <div className="space-y-4">
      <StateMark mark={isOn ? "done" : "waiting"}>{t(isOn ? "on" : "off")}</StateMark>
      {codes ? <BackupCodes codes={codes} onStored={() => setCodes(null)} /> : null}
      {wish ? (
        <form onSubmit={(event) => void prove(event, wish)} className="max-w-sm space-y-4">
          {failure ? <FailureNote failure={failure} /> : null}
          {hasPassword ? (
            <TextField
              label={t("password")}
              type="password"
              autoComplete="current-password"
              required
              maxLength={1_000}
              autoFocus
              value={password}
              onChange={(event) => setPassword(event.currentTarget.value)}
            />
          ) : isOn ? (
            <TextField
              label={t("anyCode")}
              autoComplete="one-time-code"
              required
              autoFocus
              value={code}
              onChange={(event) => setCode(event.currentTarget.value)}
              className="max-w-56"
            />
          ) : null}
          <div className="flex flex-wrap gap-3">
            <Button type="submit" aria-busy={isBusy || undefined}>
              {t(LABELS[wish])}
            </Button>
            <Button look="quiet" onClick={leave}>
              {t("cancel")}
            </Button>
          </div>
        </form>
      ) : (
        <div className="flex flex-wrap gap-3">
          {isOn ? (
            <>
              <Button onClick={() => setWish("backup-codes")}>{t("renew")}</Button>
              <Button onClick={() => setWish("totp/remove")}>{t("remove")}</Button>
            </>
          ) : (
            <Button onClick={() => setWish("totp/begin")}>{t("add")}</Button>
          )}
        </div>
      )}
    </div>
  );
}
