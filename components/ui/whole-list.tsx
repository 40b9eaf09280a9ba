import { useTranslations } from "next-intl";
import { NAMED } from "@/lib/few";

/** All of what a sentence names a few of, behind a press: a cluster may have tenants by the hundred. */
export function WholeList({ items, named = NAMED }: { items: readonly string[]; named?: number }) {
  const t = useTranslations("common");
  if (items.length <= named) return null;
  return (
    <details className="text-sm">
      <summary className="text-ink-2 underline underline-offset-2 max-sm:min-h-11 max-sm:py-2">
        {t("wholeList", { n: items.length })}
      </summary>
      <p translate="no" className="max-h-40 overflow-y-auto break-words" tabIndex={0}>
        {items.map((item, at) => (
          <span key={`${at} ${item}`} className="mr-4 inline-block max-w-full">
            {item}
          </span>
        ))}
      </p>
    </details>
  );
}
