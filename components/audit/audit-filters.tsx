"use client";

import Link from "next/link";
import { useRouter } from "next/navigation";
import { useTimeZone, useTranslations } from "next-intl";
import { useId, useState, type FormEvent, type ReactNode } from "react";
import { Button } from "@/components/ui/button";
import type { AuditQuery } from "@/lib/audit/schema";
import type { ClusterCard } from "@/lib/clusters/schema";
import { instantOf, wallClockIn } from "@/lib/i18n/wall-clock";
import { NO_ZONE } from "@/lib/i18n/zone";
import { actionsOf } from "./actions";
import { countFilters, searchOf } from "./audit-query";

const FLAGS = { force: "force", failed: "failed", open: "unended" } as const;
const FIELD = "min-h-8 rounded-[4px] border border-line-strong bg-panel px-2 max-sm:min-h-11 max-sm:w-full";

/** Filters as a form of the address: what is chosen is shown at once, what is typed with Enter or the button. */
export function AuditFilters({
  base,
  query,
  people,
  clusters,
  hasConsole,
}: {
  base: string;
  query: AuditQuery;
  /** Names to offer while typing. */
  people: readonly string[];
  /** To choose from; null on the page of one cluster. */
  clusters: readonly ClusterCard[] | null;
  hasConsole: boolean;
}) {
  const t = useTranslations("audit");
  const router = useRouter();
  const names = useId();
  const [isOpen, setOpen] = useState(false);
  const zone = useTimeZone() ?? NO_ZONE;
  const count = countFilters(query);
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const chosen = new URLSearchParams();
    for (const [name, value] of new FormData(event.currentTarget))
      if (typeof value !== "string" || value.trim() === "") continue;
      else if (value === ".console") chosen.set("console", "1");
      else if (name === "from" || name === "to") chosen.set(name, `${instantOf(zone, value, name).slice(0, 16)}Z`);
      else chosen.set(name, value.trim());
    router.replace(chosen.size > 0 ? `${base}?${chosen}` : base, { scroll: false });
  };
  return (
    <form
      key={searchOf({ ...query, before: undefined })} // Back and Clear show what they lead to; turning the page keeps what is typed
      action={base}
      onSubmit={submit}
      onChange={({ target, currentTarget }) => {
        const choice =
          target instanceof HTMLSelectElement || (target instanceof HTMLInputElement && target.type === "checkbox");
        if (choice) currentTarget.requestSubmit();
      }}
      aria-label={t("filter.label")}
      className="mt-3 border-y py-2"
    >
      <Button className="w-full sm:hidden!" aria-expanded={isOpen} onClick={() => setOpen((open) => !open)}>
        {count === 0 ? t("filter.label") : t("filter.open", { n: count })}
      </Button>
      <div
        className={`flex flex-wrap items-end gap-x-3 gap-y-2 max-sm:mt-2 max-sm:flex-col max-sm:items-stretch ${isOpen ? "" : "max-sm:hidden"}`}
      >
        <Field name={t("filter.person")}>
          <input
            name="person"
            defaultValue={query.person}
            list={names}
            autoComplete="off"
            className={`${FIELD} w-36`}
          />
          <datalist id={names}>
            {people.map((name) => (
              <option key={name} value={name} />
            ))}
          </datalist>
        </Field>
        {clusters ? (
          <Field name={t("filter.cluster")}>
            <select
              name="cluster"
              defaultValue={query.console ? ".console" : (query.cluster ?? "")}
              className={`${FIELD} max-w-48 max-sm:max-w-none`}
            >
              <option value="">{t("filter.clusterAll")}</option>
              {hasConsole ? <option value=".console">{t("filter.clusterConsole")}</option> : null}
              {clusters.map(({ id, name }) => (
                <option key={id} value={id}>
                  {name}
                </option>
              ))}
            </select>
          </Field>
        ) : null}
        <Field name={t("filter.action")}>
          <select name="action" defaultValue={query.action ?? ""} className={`${FIELD} max-w-48 max-sm:max-w-none`}>
            <option value="">{t("filter.any")}</option>
            {actionsOf(hasConsole).map((action) => (
              <option key={action} value={action}>
                {t(`action.${action}`)}
              </option>
            ))}
          </select>
        </Field>
        {(["from", "to"] as const).map((end) => (
          <Field key={end} name={t(`filter.${end}`)}>
            <SpanEnd end={end} value={query[end]} />
          </Field>
        ))}
        <span className="flex flex-wrap items-center gap-x-3 gap-y-1">
          {(["force", "failed", "open"] as const).map((flag) => (
            <label key={flag} className="inline-flex min-h-8 items-center gap-1.5 max-sm:min-h-11">
              <input
                type="checkbox"
                name={flag}
                value="1"
                defaultChecked={query[flag] !== undefined}
                className="size-4"
              />
              {t(`filter.${FLAGS[flag]}`)}
            </label>
          ))}
          {query.run ? <input type="hidden" name="run" value={query.run} /> : null}
          <Button type="submit" className="min-h-8! py-0.5! max-sm:min-h-11!">
            {t("filter.apply")}
          </Button>
          {count > 0 || (clusters && query.cluster !== undefined) ? (
            <Link
              href={base}
              replace
              prefetch={false}
              scroll={false}
              className="inline-flex min-h-8 items-center underline underline-offset-2 max-sm:min-h-11"
            >
              {t("filter.clear")}
            </Link>
          ) : null}
        </span>
      </div>
    </form>
  );
}

/** One end of the span by the clock of the page's zone; what was typed stays the same instant when that is changed. */
function SpanEnd({ end, value }: { end: "from" | "to"; value: string | undefined }) {
  const zone = useTimeZone() ?? NO_ZONE;
  const [typed, setTyped] = useState({ zone, text: value === undefined ? "" : wallClockIn(zone, value) });
  const isElsewhere = typed.zone !== zone && typed.text !== "";
  return (
    <input
      name={end}
      type="datetime-local"
      value={isElsewhere ? wallClockIn(zone, instantOf(typed.zone, typed.text, end)) : typed.text}
      onChange={(event) => setTyped({ zone, text: event.currentTarget.value })}
      className={`${FIELD} w-48 text-sm`}
    />
  );
}

function Field({ name, children }: { name: string; children: ReactNode }) {
  return (
    <label className="flex min-w-0 flex-col text-sm text-ink-2">
      {name}
      <span className="text-base text-ink">{children}</span>
    </label>
  );
}
