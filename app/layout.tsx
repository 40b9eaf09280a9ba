import type { Metadata, Viewport } from "next";
import { NextIntlClientProvider } from "next-intl";
import { getLocale } from "next-intl/server";
import { cookies, headers } from "next/headers";
import type { ReactNode } from "react";
import { keepPresses, LISTENS, LISTENS_NO_MORE } from "@/components/layout/keep-presses";
import { PageBody } from "@/components/layout/page-body";
import { Providers } from "@/components/layout/providers";
import { RestoredNotice as RestoredBanner } from "@/components/layout/restored-notice";
import { ZoneProvider } from "@/components/layout/zone-provider";
import { ZoneSelect } from "@/components/layout/zone-select";
import { readRestored, type RestoredNotice } from "@/lib/audit/restored";
import { currentPerson } from "@/lib/auth/current-person";
import { may } from "@/lib/auth/permissions";
import { LANG, THEME_COOKIE } from "@/lib/i18n/locale";
import { isStoreAway } from "@/lib/store-away";
import { acknowledgeRestore } from "./actions";
import "./globals.css";

const KEEP_PRESSES = `(${keepPresses.toString()})("${LISTENS}","${LISTENS_NO_MORE}")`;

/** What the browser draws around the page: of the scheme that the person chose here, else of the system's. */
const THEME_COLOUR = { light: "#f6f8fa", dark: "#12161c" } as const;

/** On a phone it goes to the home screen, and opens full screen from there. */
export async function generateMetadata(): Promise<Metadata> {
  return {
    title: "Standdown",
    robots: { index: false, follow: false },
    manifest: `/manifest.${await getLocale()}.webmanifest`,
    appleWebApp: { capable: true, title: "Standdown" },
    // Both are named: one named here would leave out an icon file of this folder.
    icons: { icon: { url: "/icons/icon.svg", type: "image/svg+xml" }, apple: "/icons/apple-180.png" },
  };
}

export async function generateViewport(): Promise<Viewport> {
  const theme = (await cookies()).get(THEME_COOKIE)?.value;
  return {
    width: "device-width",
    initialScale: 1,
    themeColor:
      theme === "light" || theme === "dark"
        ? THEME_COLOUR[theme]
        : [
            { media: "(prefers-color-scheme: light)", color: THEME_COLOUR.light },
            { media: "(prefers-color-scheme: dark)", color: THEME_COLOUR.dark },
          ],
  };
}

/** A store that cannot be read is the page's to tell; the frame stands all the same. */
async function readFrame(): Promise<{ name: string | null; restored: RestoredNotice | null }> {
  try {
    const person = await currentPerson(await headers());
    const isTold = person !== null && may(person.grants, "person.manage");
    return { name: person?.name ?? null, restored: isTold ? await readRestored() : null };
  } catch (error) {
    if (error instanceof Error && "digest" in error && !isStoreAway(error)) throw error; // the framework's own signals
    return { name: null, restored: null };
  }
}

export default async function RootLayout({ children }: { children: ReactNode }) {
  const locale = await getLocale();
  const theme = (await cookies()).get(THEME_COOKIE)?.value;
  const { name, restored } = await readFrame();
  return (
    <html lang={LANG[locale]} data-theme={theme === "light" || theme === "dark" ? theme : undefined}>
      <PageBody>
        <script dangerouslySetInnerHTML={{ __html: KEEP_PRESSES }} />
        <NextIntlClientProvider>
          <ZoneProvider>
            <Providers personName={name}>
              {restored ? <RestoredBanner notice={restored} onNoted={acknowledgeRestore} /> : null}
              {children}
              <footer className="px-4 pb-1 sm:hidden">
                <ZoneSelect where="narrow" />
              </footer>
            </Providers>
          </ZoneProvider>
        </NextIntlClientProvider>
      </PageBody>
    </html>
  );
}
