"use client";

import { useTranslations } from "next-intl";
import type { SignInProvider } from "@/lib/auth/schema";

/** The ways of single sign-on that are configured. Plain links: they lead away and come back. */
export function ProviderLinks({
  providers,
  next,
  inNewWindow = false,
}: {
  providers: readonly SignInProvider[];
  next: string;
  inNewWindow?: boolean;
}) {
  const t = useTranslations("account.signIn");
  if (providers.length === 0) return null;
  return (
    <div className="mt-6 border-t pt-4">
      <p className="text-sm text-ink-2">{t("or")}</p>
      <ul className="mt-2 flex flex-wrap gap-2">
        {providers.map((provider) => (
          <li key={provider.id}>
            <a
              href={`/api/auth/provider?id=${provider.id}&next=${encodeURIComponent(next)}`}
              target={inNewWindow ? "_blank" : undefined}
              className="inline-flex min-h-9 items-center rounded-[5px] border border-line-strong bg-panel px-3.5 font-medium hover:bg-sunken max-sm:min-h-11"
            >
              {t("with", { name: provider.name })}
            </a>
          </li>
        ))}
      </ul>
    </div>
  );
}
