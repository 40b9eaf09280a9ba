"use client";

import { useTranslations } from "next-intl";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { Button } from "@/components/ui/button";
import { FailureNote } from "@/components/ui/failure-note";
import type { Grant, KnownPerson } from "@/lib/auth/schema";
import { GrantEditor } from "./grant-editor";
import { useGrantWords, type Place } from "./grant-words";
import { OneTimeNote } from "./one-time-note";
import type { PeopleActions } from "./people-actions";
import { useSending } from "./use-sending";

/** One person: what they may do where, and what an administrator can change about it. */
export function PersonEntry({
  person,
  places,
  isMe,
  actions,
}: {
  person: KnownPerson;
  places: readonly Place[];
  isMe: boolean;
  actions: PeopleActions;
}) {
  const t = useTranslations("account.people");
  const words = useGrantWords();
  const router = useRouter();
  const { isBusy, failure, send, forget } = useSending();
  const [draft, setDraft] = useState<Grant[] | null>(null);
  const [asked, setAsked] = useState<"reset" | "deactivate" | null>(null);
  const [password, setPassword] = useState<string | null>(null);

  const close = () => {
    setDraft(null);
    setAsked(null);
    forget();
  };
  const save = async (grants: Grant[]) => {
    if (!(await send(() => actions.changeGrants({ id: person.id, grants })))) return;
    close();
    router.refresh();
  };
  const setActive = async (isActive: boolean) => {
    if (!(await send(() => actions.setActive({ id: person.id, isActive })))) return;
    close();
    router.refresh();
  };
  const reset = async () => {
    const done = await send(() => actions.resetPerson({ id: person.id }));
    if (!done) return;
    close();
    setPassword(done.value.password);
    router.refresh();
  };
  const notes = [
    isMe ? t("you") : "",
    person.isDeactivated ? t("deactivated") : "",
    person.hasTotp ? t("hasTotp") : "",
    person.isNew ? t("isNew") : "",
    person.hasPassword ? "" : t("byProvider"),
  ].filter(Boolean);

  return (
    <li className="space-y-3 py-4">
      <div className="flex flex-wrap items-baseline gap-x-4 gap-y-1">
        <h3 className={`text-lg ${person.isDeactivated ? "text-ink-2 line-through" : ""}`} translate="no">
          {person.name}
        </h3>
        <span className="text-sm text-ink-2">{notes.join(" · ")}</span>
      </div>
      {failure ? <FailureNote failure={failure} /> : null}
      {password === null ? null : (
        <OneTimeNote name={person.name} password={password} onStored={() => setPassword(null)} />
      )}
      {draft ? (
        <>
          <GrantEditor grants={draft} places={places} onChange={setDraft} />
          <div className="flex flex-wrap gap-3">
            <Button look="primary" aria-busy={isBusy || undefined} onClick={() => void save(draft)}>
              {t("save")}
            </Button>
            <Button look="quiet" onClick={close}>
              {t("cancel")}
            </Button>
          </div>
        </>
      ) : asked ? (
        <>
          <p>{t(asked === "reset" ? "resetLead" : "deactivateLead", { name: person.name })}</p>
          <div className="flex flex-wrap gap-3">
            <Button look="primary" onClick={() => void (asked === "reset" ? reset() : setActive(false))}>
              {t(asked === "reset" ? "resetGo" : "deactivateGo", { name: person.name })}
            </Button>
            <Button look="quiet" onClick={close}>
              {t("cancel")}
            </Button>
          </div>
        </>
      ) : (
        <>
          <p>
            {person.grants.length === 0
              ? t("noRole")
              : person.grants.map((grant) => words.grant(grant, places)).join(" · ")}
          </p>
          <div className="flex flex-wrap gap-3">
            <Button onClick={() => setDraft(person.grants)}>{t("changeRoles")}</Button>
            {person.hasPassword ? <Button onClick={() => setAsked("reset")}>{t("reset")}</Button> : null}
            {person.isDeactivated ? (
              <Button onClick={() => void setActive(true)}>{t("activate")}</Button>
            ) : (
              <Button onClick={() => setAsked("deactivate")}>{t("deactivate")}</Button>
            )}
          </div>
        </>
      )}
    </li>
  );
}
