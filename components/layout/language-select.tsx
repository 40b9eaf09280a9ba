"use client";

import { useLocale, useTranslations } from "next-intl";
import { useRouter } from "next/navigation";
import { startTransition, useRef, useState } from "react";
import { usePersonName } from "@/components/account/person";
import { getJson } from "@/lib/get-json";
import { LOCALE_COOKIE } from "@/lib/i18n/locale";
import { tellSignedOut } from "@/lib/signed-out";
import { PREFERENCE } from "./preference";
import { remember } from "./remember";

const PATIENCE_MS = 10_000;

/**
 * The language, switched in place: nothing that was picked, opened or typed is lost (ux I-2). A refresh that finds no
 * console, or nobody signed in, would leave the page and all of that with it, so both are asked first.
 */
export function LanguageSelect({ className = "" }: { className?: string }) {
  const t = useTranslations("common.shell");
  const locale = useLocale();
  const router = useRouter();
  const name = usePersonName();
  const [wanted, setWanted] = useState<string | null>(null);

  const choices = useRef(0);

  const choose = async (next: string) => {
    const choice = (choices.current += 1);
    const isLast = () => choice === choices.current;
    setWanted(next);
    try {
      const who = await getJson<string | null>("/api/auth/who", AbortSignal.timeout(PATIENCE_MS));
      if (!isLast()) return;
      if (who === null && name !== null) {
        tellSignedOut();
        return setWanted(null);
      }
    } catch {
      return isLast() ? setWanted(null) : undefined;
    }
    remember(LOCALE_COOKIE, next);
    startTransition(() => {
      router.refresh();
      setWanted(null);
    });
  };

  return (
    <select
      aria-label={t("language")}
      value={wanted ?? locale}
      onChange={(event) => void choose(event.target.value)}
      className={`${PREFERENCE} ${className}`}
    >
      <option value="en" lang="en">
        EN
      </option>
      <option value="zh" lang="zh-Hans">
        中文
      </option>
    </select>
  );
}
