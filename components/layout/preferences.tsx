"use client";

import { useLocale, useTranslations } from "next-intl";
import { useRouter } from "next/navigation";
import { useEffect, useState } from "react";
import { LOCALE_COOKIE, THEME_COOKIE } from "@/lib/i18n/locale";

const YEAR_SECONDS = 31_536_000;
const THEMES = ["system", "light", "dark"] as const;
type Theme = (typeof THEMES)[number];

const remember = (cookie: string, value: string) => {
  document.cookie = `${cookie}=${value}; path=/; max-age=${YEAR_SECONDS}; samesite=strict`;
};

/** Language and theme. Both are switched in place: nothing that was picked, opened or typed is lost (ux I-2). */
export function Preferences() {
  const t = useTranslations("common.shell");
  const locale = useLocale();
  const router = useRouter();
  const [theme, setTheme] = useState<Theme>("system");
  useEffect(() => {
    const set = document.documentElement.dataset.theme;
    // eslint-disable-next-line react-hooks/set-state-in-effect -- the server wrote the attribute; it is read once
    if (set === "light" || set === "dark") setTheme(set);
  }, []);

  const chooseTheme = (next: Theme) => {
    setTheme(next);
    remember(THEME_COOKIE, next);
    if (next === "system") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = next;
  };
  const chooseLocale = (next: string) => {
    remember(LOCALE_COOKIE, next);
    router.refresh();
  };
  const select =
    "min-h-9 rounded-[4px] border border-transparent bg-transparent px-1 text-sm text-ink-2 hover:border-line-strong max-sm:min-h-11";
  return (
    <span className="flex items-center gap-1">
      <select
        aria-label={t("language")}
        value={locale}
        onChange={(event) => chooseLocale(event.target.value)}
        className={`${select} max-sm:w-14`}
      >
        <option value="en" lang="en">
          EN
        </option>
        <option value="zh" lang="zh-Hans">
          中文
        </option>
      </select>
      <select
        aria-label={t("theme")}
        value={theme}
        onChange={(event) => chooseTheme(THEMES.find((one) => one === event.target.value) ?? "system")}
        className={select}
      >
        <option value="system">◐ {t("themeSystem")}</option>
        <option value="light">○ {t("themeLight")}</option>
        <option value="dark">● {t("themeDark")}</option>
      </select>
    </span>
  );
}
