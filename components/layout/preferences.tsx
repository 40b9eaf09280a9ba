"use client";

import { useTranslations } from "next-intl";
import { useEffect, useState } from "react";
import { THEME_COOKIE } from "@/lib/i18n/locale";
import { LanguageSelect } from "./language-select";
import { PREFERENCE } from "./preference";
import { remember } from "./remember";

const THEMES = ["system", "light", "dark"] as const;
type Theme = (typeof THEMES)[number];

/** Language and theme. Both are switched in place: nothing that was picked, opened or typed is lost (ux I-2). */
export function Preferences() {
  const t = useTranslations("common.shell");
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
  return (
    <span className="flex items-center gap-1 max-sm:gap-0">
      <LanguageSelect className="max-sm:w-14" />
      <select
        aria-label={t("theme")}
        value={theme}
        onChange={(event) => chooseTheme(THEMES.find((one) => one === event.target.value) ?? "system")}
        className={`${PREFERENCE} max-sm:w-11 max-sm:appearance-none max-sm:px-3.5`}
      >
        <option value="system">◐ {t("themeSystem")}</option>
        <option value="light">○ {t("themeLight")}</option>
        <option value="dark">● {t("themeDark")}</option>
      </select>
    </span>
  );
}
