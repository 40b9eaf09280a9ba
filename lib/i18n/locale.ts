export const LOCALES = ["en", "zh"] as const;
export type Locale = (typeof LOCALES)[number];
export const LOCALE_COOKIE = "standdown-locale";
export const THEME_COOKIE = "standdown-theme";

/** The `lang` of the page. */
export const LANG: Record<Locale, string> = { en: "en", zh: "zh-Hans" };

/** Explicit choice before the browser's list (ux I-2). */
export function chooseLocale(cookie: string | undefined, acceptLanguage: string | null): Locale {
  if (cookie === "en" || cookie === "zh") return cookie;
  for (const tag of (acceptLanguage ?? "").split(",")) {
    const language = tag.trim().slice(0, 2).toLowerCase();
    if (language === "zh") return "zh";
    if (language === "en") return "en";
  }
  return "en";
}
