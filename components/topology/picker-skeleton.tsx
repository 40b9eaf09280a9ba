"use client";

import { useTranslations } from "next-intl";
import type { Failure, FailureKind } from "@/lib/errors";

/** Nothing is asked with a password that was turned away, or cannot be sealed, until somebody mends it. */
const FOR_GOOD: ReadonlySet<FailureKind> = new Set(["password-rejected", "credentials-lost", "agent-key-changed"]);

/** The first look in its final sizes, shown only when it takes longer than 200 ms (ux §19). */
export function PickerSkeleton({ failure = null }: { failure?: Failure | null }) {
  const t = useTranslations("topology.load");
  return (
    <div className="flex-1 lg:grid lg:grid-cols-[minmax(0,1fr)_24rem]">
      <div role="status" className="min-w-0 animate-[appear_1ms_200ms_backwards]">
        <div className="flex gap-3 border-b border-line-strong px-4 pt-3 pb-10">
          <span className="h-9 flex-1 rounded-[4px] border bg-sunken" />
          <span className="h-9 w-28 rounded-[4px] border bg-sunken max-sm:hidden" />
          <span className="h-9 w-28 rounded-[4px] border bg-sunken max-sm:hidden" />
        </div>
        {failure ? (
          <p className="px-4 py-3">{t(FOR_GOOD.has(failure.kind) ? "failedForGood" : "failed")}</p>
        ) : (
          <p className="animate-[appear_1ms_5s_backwards] px-4 py-3">{t("slow")}</p>
        )}
        {[0, 1, 2].map((zone) => (
          <div key={zone} aria-hidden="true">
            <div className="flex h-13 items-center gap-4 border-y border-t-line-strong bg-panel px-4">
              <span className="h-4 w-40 bg-sunken" />
            </div>
            {[0, 1, 2].map((row) => (
              <div key={row} className="flex h-9 items-center gap-4 border-b px-4">
                <span className="h-3 w-36 bg-sunken" />
                <span className="h-3 w-24 bg-sunken" />
              </div>
            ))}
          </div>
        ))}
      </div>
      <div aria-hidden="true" className="border-l border-line-strong bg-panel max-lg:hidden" />
    </div>
  );
}
