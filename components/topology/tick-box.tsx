/** The box of a row. The row itself takes click and key; this shows and speaks the answer, mixed for a part (ux B-1). */
export function TickBox({
  label,
  ticked,
  blocked = false,
}: {
  label: string;
  ticked: boolean | "mixed";
  blocked?: boolean;
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
      tabIndex={-1}
      className={`inline-grid size-4.5 shrink-0 place-items-center rounded-[3px] border-[1.5px] text-xs leading-none font-bold ${look} ${blocked ? "cursor-not-allowed" : "cursor-pointer"}`}
    >
      <span aria-hidden="true">{ticked === "mixed" ? "–" : ticked ? "✓" : ""}</span>
    </span>
  );
}
