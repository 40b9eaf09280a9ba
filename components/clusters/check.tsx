import { useId } from "react";

/** A switch with what it means. */
export function Check({
  label,
  hint,
  isOn,
  onChange,
}: {
  label: string;
  hint: string;
  isOn: boolean;
  onChange: (isOn: boolean) => void;
}) {
  const id = useId();
  return (
    <div className="md:ml-[13rem]">
      <label className="inline-flex min-h-6 items-center gap-2 max-sm:min-h-11">
        <input
          type="checkbox"
          checked={isOn}
          aria-describedby={`${id}hint`}
          onChange={(event) => onChange(event.currentTarget.checked)}
          className="size-4 accent-[var(--ink)]"
        />
        {label}
      </label>
      <p id={`${id}hint`} className="text-sm text-ink-2">
        {hint}
      </p>
    </div>
  );
}
