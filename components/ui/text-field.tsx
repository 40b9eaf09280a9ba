import { useId, type InputHTMLAttributes } from "react";

/** A labelled line to type into, with what must be known about it below. */
export function TextField({
  label,
  hint,
  className = "",
  ...input
}: { label: string; hint?: string; "data-first-focus"?: "" } & Omit<InputHTMLAttributes<HTMLInputElement>, "id">) {
  const id = useId();
  return (
    <div className={className}>
      <label htmlFor={id} className="block text-sm text-ink-2">
        {label}
      </label>
      <input
        id={id}
        aria-describedby={hint ? `${id}hint` : undefined}
        spellCheck={false}
        autoCapitalize="none"
        autoCorrect="off"
        className="mt-1 min-h-9 w-full min-w-0 rounded-[3px] border border-line-strong bg-paper px-2.5 py-1 read-only:opacity-70 max-sm:min-h-11"
        {...input}
      />
      {hint ? (
        <p id={`${id}hint`} className="mt-1 text-sm text-ink-2">
          {hint}
        </p>
      ) : null}
    </div>
  );
}
