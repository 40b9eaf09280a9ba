import type { ReactNode } from "react";
import { Glyph, type Mark } from "./state-mark";

const TONES: Record<"decide" | "fail" | "info", { panel: string; mark: Mark }> = {
  decide: { panel: "border-amber bg-amber-panel", mark: "warning" },
  fail: { panel: "border-fail bg-fail-panel", mark: "failed" },
  info: { panel: "border-line-strong bg-panel", mark: "info" },
};

/** Stays while it is true; never a toast (ux S-4). `live` announces it once when it appears. */
export function Banner({
  tone,
  live = false,
  children,
}: {
  tone: keyof typeof TONES;
  live?: boolean;
  children: ReactNode;
}) {
  return (
    <div
      role={live ? "alert" : undefined}
      className={`flex gap-3 rounded-[5px] border-l-4 px-4 py-3 ${TONES[tone].panel}`}
    >
      <Glyph mark={TONES[tone].mark} className="mt-0.5" />
      <div className="min-w-0 flex-1 space-y-1">{children}</div>
    </div>
  );
}
