"use client";

import { useFormatter, useTranslations } from "next-intl";
import { Button } from "@/components/ui/button";
import { DAY_AND_MINUTE } from "@/components/ui/date-formats";
import type { OwnSession } from "@/lib/auth/schema";
import { leave } from "./leave";

/** The name of the browser and its system, for recognising it; the whole line stands behind it. */
function shortBrowser(text: string): string {
  const browser = /(Edg|OPR|Firefox|Chrome|Safari|curl|node)[/ ]?(\d+)?/.exec(text);
  const system = /(Windows|Mac OS X|Android|iPhone|iPad|Linux)/.exec(text);
  return [browser?.slice(1).filter(Boolean).join(" "), system?.[1]].filter(Boolean).join(" · ") || text.slice(0, 40);
}

/** Where one is signed in, and the way out of all of it. */
export function Sessions({ sessions }: { sessions: readonly OwnSession[] }) {
  const t = useTranslations("account.settings.sessions");
  const format = useFormatter();
  const time = (at: string) => format.dateTime(new Date(at), DAY_AND_MINUTE);
  return (
    <>
      <ul className="divide-y border-y">
        {sessions.map((session) => (
          <li key={session.id} className="flex flex-wrap items-baseline gap-x-4 py-2">
            <span className="font-medium" title={session.browser}>
              {shortBrowser(session.browser) || t("unknown")}
            </span>
            {session.isThis ? <span className="text-sm font-semibold">{t("this")}</span> : null}
            <span className="font-mono text-sm text-ink-2">{session.address}</span>
            <span className="text-sm text-ink-2">
              {t("span", { since: time(session.since), until: time(session.until) })}
            </span>
          </li>
        ))}
      </ul>
      <div className="mt-4 flex flex-wrap gap-3">
        <Button onClick={() => void leave("sign-out")}>{t("signOut")}</Button>
        <Button onClick={() => void leave("sign-out-everywhere")}>{t("everywhere", { n: sessions.length })}</Button>
      </div>
    </>
  );
}
