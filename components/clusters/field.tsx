import type { ReactNode } from "react";

export const INPUT =
  "min-h-9 w-full min-w-0 rounded-[3px] border border-line-strong bg-paper px-2.5 py-1 disabled:opacity-70 max-sm:min-h-11";

/** Label, control and hint. The control carries `id` and `aria-describedby={`${id}-hint`}`. */
export function Field({
  id,
  label,
  hint,
  problem,
  children,
}: {
  id: string;
  label: string;
  hint?: string | undefined;
  problem?: string | null;
  children: ReactNode;
}) {
  return (
    <div className="grid gap-x-4 gap-y-0.5 md:grid-cols-[12rem_minmax(0,1fr)] md:items-start">
      <label htmlFor={id} className="text-ink-2 md:pt-1.5">
        {label}
      </label>
      <div className="min-w-0">
        {children}
        <p id={`${id}-hint`} className="text-sm text-ink-2">
          {problem ? <strong className="font-semibold text-ink">{problem} </strong> : null}
          {hint}
        </p>
      </div>
    </div>
  );
}
