import type { ReactNode } from "react";

/**
 * A box, mixed for a part (ux B-1). In a row the row takes click and key, and the box only shows and speaks the answer;
 * with `onToggle` it stands alone and is a tab stop.
 */
export function TickBox({
  label,
  ticked,
  blocked = false,
  onToggle,
  children,
}: {
  label: string;
  ticked: boolean | "mixed";
  blocked?: boolean;
  onToggle?: () => void;
  children?: ReactNode;
}) {
  const look = blocked
    ? "border-dashed border-line-strong"
    : ticked === false
      ? "border-line-strong bg-panel"
      : "border-ink bg-ink text-paper";
  return (
    <span
      role="checkbox"
      aria-checked={ticked}
      aria-disabled={blocked || undefined}
      aria-label={label}
      tabIndex={onToggle ? 0 : -1}
      onClick={blocked ? undefined : onToggle}
      onKeyDown={(event) => {
        if (!onToggle || event.key !== " ") return;
        event.preventDefault();
        event.stopPropagation();
        if (!blocked) onToggle();
      }}
      className={`inline-flex min-h-6 items-center gap-2.5 rounded-[3px] ${blocked ? "cursor-not-allowed" : "cursor-pointer"}`}
    >
      <span
        aria-hidden="true"
        className={`grid size-4.5 shrink-0 place-items-center rounded-[3px] border-[1.5px] text-xs leading-none font-bold ${look}`}
      >
        {ticked === "mixed" ? "–" : ticked ? "✓" : ""}
      </span>
      {children}
    </span>
  );
}
