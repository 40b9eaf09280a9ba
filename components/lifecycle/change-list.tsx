"use client";

import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { Banner } from "@/components/ui/banner";
import type { Change } from "@/lib/lifecycle/schema";
import { usePlanWords } from "./plan-words";

const FIRST = 4;

/** What is no longer as it was reviewed (ux C-8, G-4). */
export function ChangeList({
  title,
  changes,
  live = false,
  children,
}: {
  title: string;
  changes: Change[];
  live?: boolean;
  /** The way on. */
  children?: ReactNode;
}) {
  const t = useTranslations("plan.change");
  const words = usePlanWords();
  const sentences = changes.length > 0 ? changes.map(words.changeSentence) : [t("other")];
  const more = sentences.slice(FIRST);
  return (
    <Banner tone="decide" live={live}>
      <p className="font-semibold">{title}</p>
      <ul>
        {sentences.slice(0, FIRST).map((sentence) => (
          <li key={sentence}>{sentence}</li>
        ))}
      </ul>
      {more.length > 0 ? (
        <details>
          <summary className="text-sm underline underline-offset-2 max-sm:min-h-11 max-sm:py-2.5">
            {t("more", { n: more.length })}
          </summary>
          <ul className="max-h-40 overflow-y-auto">
            {more.map((sentence) => (
              <li key={sentence}>{sentence}</li>
            ))}
          </ul>
        </details>
      ) : null}
      {children}
    </Banner>
  );
}
