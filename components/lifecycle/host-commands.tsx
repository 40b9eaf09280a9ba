"use client";

import { useTranslations } from "next-intl";
import type { HostCommand } from "@/lib/clusters/unheard";
import { CopyButton } from "./copy-button";

/** What a person can do on hosts that the console does not reach into: text to copy, never run from here. */
export function HostCommands({ commands }: { commands: readonly HostCommand[] }) {
  const t = useTranslations("plan.checks");
  if (commands.length === 0) return null;
  return (
    <ul className="mt-1 max-h-60 space-y-1.5 overflow-y-auto">
      {commands.map(({ address, command, ends }) => (
        <li key={address} className="flex flex-wrap items-center gap-x-2 gap-y-1">
          <span className="text-sm text-ink-2">{t("commandOf", { address, ends: ends ? "yes" : "no" })}</span>
          <code className="min-w-0 rounded-[3px] bg-sunken px-1.5 py-0.5 font-mono text-sm break-all">{command}</code>
          <CopyButton text={() => command}>{t("copy")}</CopyButton>
        </li>
      ))}
    </ul>
  );
}
