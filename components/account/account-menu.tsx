"use client";

import Link from "next/link";
import { useTranslations } from "next-intl";
import { useRef, type FocusEvent, type KeyboardEvent } from "react";
import { usePersonName } from "./person";
import { leave } from "./leave";

const ENTRY = "block w-full rounded-[3px] px-3 py-1.5 text-left hover:bg-sunken max-sm:py-2.5";

/** Who is signed in, and the way to their settings and out. */
export function AccountMenu() {
  const t = useTranslations("account.menu");
  const name = usePersonName();
  const menu = useRef<HTMLDetailsElement>(null);
  if (name === null) return null;
  const close = () => menu.current?.removeAttribute("open");
  const onBlur = (event: FocusEvent) => {
    if (event.relatedTarget && !menu.current?.contains(event.relatedTarget)) close();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== "Escape" || !menu.current?.open) return;
    event.stopPropagation();
    close();
    menu.current.querySelector("summary")?.focus();
  };
  return (
    <details ref={menu} onBlur={onBlur} onKeyDown={onKeyDown} className="relative">
      <summary
        aria-label={t("label", { name })}
        className="flex min-h-9 max-w-40 list-none items-center rounded-[4px] border border-transparent px-2 text-sm font-medium hover:border-line-strong max-sm:size-11 max-sm:justify-center max-sm:px-0 [&::-webkit-details-marker]:hidden"
      >
        <span className="truncate max-sm:hidden" translate="no">
          {name}
        </span>
        <span aria-hidden="true" className="ml-1 text-ink-3 max-sm:hidden">
          ▾
        </span>
        {/* The whole name stands in the menu. */}
        <span
          aria-hidden="true"
          translate="no"
          className="inline-flex size-7 items-center justify-center rounded-full border border-line-strong sm:hidden"
        >
          {Array.from(name)[0]?.toUpperCase()}
        </span>
      </summary>
      <div className="absolute top-full right-0 z-40 mt-1 min-w-48 rounded-[5px] border border-line-strong bg-panel p-1 shadow-(--shadow)">
        <p className="truncate px-3 py-1.5 text-sm text-ink-2">
          {t("signedInAs")} <strong translate="no">{name}</strong>
        </p>
        <Link href="/settings" prefetch={false} onClick={close} className={ENTRY}>
          {t("settings")}
        </Link>
        <button type="button" onClick={() => void leave("sign-out")} className={ENTRY}>
          {t("signOut")}
        </button>
      </div>
    </details>
  );
}
