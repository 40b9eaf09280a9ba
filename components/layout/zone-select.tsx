"use client";

import dynamic from "next/dynamic";
import { useZoneChoice } from "./zone-provider";

/** Without the console the name stands alone. */
const NoChoices = () => null;
const ZoneChoices = dynamic(
  () =>
    import("./zone-choices").then(
      (module) => module.ZoneChoices,
      () => NoChoices,
    ),
  {
    ssr: false,
  },
);

const LOOK = { wide: "max-sm:hidden", narrow: "sm:hidden" } as const;

/**
 * Names the zone of every time on the screen, once, and is the way to another (ux S-5): in the head where there is room,
 * at the foot of a phone's page. Switched in place, as the theme is.
 */
export function ZoneSelect({ where }: { where: keyof typeof LOOK }) {
  const choice = useZoneChoice();
  if (choice === null) return null;
  return (
    <span
      className={`relative inline-flex min-h-9 items-center gap-1 rounded-[4px] border border-transparent px-1 text-sm whitespace-nowrap text-ink-2 hover:border-line-strong has-focus-visible:outline-2 has-focus-visible:outline-offset-2 has-focus-visible:outline-(--focus) max-sm:min-h-11 max-sm:min-w-11 ${LOOK[where]}`}
    >
      <span aria-hidden="true">◷</span>
      <span translate="no" className="sm:max-lg:max-w-24 sm:max-lg:truncate">
        {choice.zone}
      </span>
      <ZoneChoices where={where} {...choice} />
    </span>
  );
}
