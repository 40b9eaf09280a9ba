import type { ButtonHTMLAttributes, ReactNode } from "react";

export type Look = "primary" | "plain" | "quiet" | "danger";

/** `danger` is for Force alone (ux X-4); every other way on is `primary`: ink on paper. */
export const LOOKS: Record<Look, string> = {
  primary: "border-ink bg-ink text-paper hover:opacity-90",
  plain: "border-line-strong bg-panel text-ink hover:bg-sunken",
  quiet:
    "border-transparent bg-transparent text-ink-2 underline decoration-line-strong underline-offset-4 hover:bg-sunken hover:text-ink",
  danger: "border-fail bg-fail text-fail-ink hover:opacity-90",
};

export const SHAPE =
  "inline-flex min-h-9 items-center justify-center gap-2 rounded-[5px] border px-3.5 py-1.5 text-center font-medium leading-tight transition-opacity max-sm:min-h-11";

export interface ButtonProps extends Omit<ButtonHTMLAttributes<HTMLButtonElement>, "disabled"> {
  look?: Look;
  /** Why it cannot be used now. The button stays focusable; say the reason next to it and name it by `aria-describedby`. */
  blocked?: boolean;
  children: ReactNode;
}

export function Button({
  look = "plain",
  blocked = false,
  className = "",
  type = "button",
  onClick,
  ...rest
}: ButtonProps) {
  return (
    <button
      type={type}
      aria-disabled={blocked || undefined}
      onClick={blocked ? (event) => event.preventDefault() : onClick}
      className={`${SHAPE} ${LOOKS[look]} ${blocked ? "cursor-not-allowed border-dashed opacity-60" : ""} ${className}`}
      {...rest}
    />
  );
}
