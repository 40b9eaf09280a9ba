"use client";

import { useTranslations } from "next-intl";
import { useRouter } from "next/navigation";
import { useState, type FormEvent } from "react";
import { Button } from "@/components/ui/button";
import { FailureNote } from "@/components/ui/failure-note";
import { TextField } from "@/components/ui/text-field";
import type { Grant, KnownPerson } from "@/lib/auth/schema";
import { GrantEditor } from "./grant-editor";
import type { Place } from "./grant-words";
import { OneTimeNote } from "./one-time-note";
import type { PeopleActions } from "./people-actions";
import { PersonEntry } from "./person-entry";
import { Section } from "./section";
import { useSending } from "./use-sending";

const FIRST_GRANT: Grant = { role: "viewer", level: "global", target: "" };

/** Everybody who may sign in, and the way to add somebody. */
export function People({
  people,
  places,
  me,
  actions,
}: {
  people: readonly KnownPerson[];
  places: readonly Place[];
  /** The id of whoever looks. */
  me: string;
  actions: PeopleActions;
}) {
  const t = useTranslations("account.people");
  const router = useRouter();
  const { isBusy, failure, send } = useSending();
  const [name, setName] = useState("");
  const [grants, setGrants] = useState<Grant[]>([FIRST_GRANT]);
  const [made, setMade] = useState<{ name: string; password: string } | null>(null);

  const add = async (event: FormEvent) => {
    event.preventDefault();
    const done = await send(() => actions.addPerson({ name, grants }));
    if (!done) return;
    setMade({ name, password: done.value.password });
    setName("");
    setGrants([FIRST_GRANT]);
    router.refresh();
  };
  return (
    <>
      <Section title={t("addTitle")} lead={t("addLead")}>
        <form onSubmit={(event) => void add(event)} className="space-y-4">
          {failure ? <FailureNote failure={failure} /> : null}
          {made ? <OneTimeNote {...made} onStored={() => setMade(null)} /> : null}
          <TextField
            label={t("name")}
            hint={t("nameHint")}
            autoComplete="off"
            required
            maxLength={32}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
            className="max-w-sm"
          />
          <GrantEditor grants={grants} places={places} onChange={setGrants} />
          <Button type="submit" aria-busy={isBusy || undefined}>
            {t("add")}
          </Button>
        </form>
      </Section>
      <Section title={t("listTitle", { n: people.length })}>
        <ul className="-mt-4 divide-y">
          {people.map((person) => (
            <PersonEntry key={person.id} person={person} places={places} isMe={person.id === me} actions={actions} />
          ))}
        </ul>
      </Section>
    </>
  );
}
