import Link from "next/link";
import { useTranslations } from "next-intl";
import { AccountMenu } from "@/components/account/account-menu";
import { Preferences } from "./preferences";
import { Wordmark } from "./wordmark";
import { ZoneSelect } from "./zone-select";

/** The frame's head where no cluster is in view. */
export function PlainHeader() {
  const t = useTranslations("common");
  return (
    <header className="flex flex-wrap items-center gap-x-4 border-b bg-panel px-4 py-1.5">
      <Wordmark />
      <nav className="flex" aria-label={t("nav.console")}>
        {(["clusters", "audit"] as const).map((page) => (
          <Link
            key={page}
            href={`/${page}`}
            prefetch={false}
            className="inline-flex min-h-9 items-center px-2 text-ink-2 hover:text-ink max-sm:min-h-11"
          >
            {t(page === "clusters" ? "clusters.title" : "nav.audit")}
          </Link>
        ))}
      </nav>
      <span className="ml-auto flex items-center gap-x-4 max-sm:gap-x-1">
        <ZoneSelect where="wide" />
        <Preferences />
        <AccountMenu />
      </span>
    </header>
  );
}
