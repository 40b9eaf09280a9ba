/**
 * A state as glyph first, word second, colour third (ux §14). `Glyph` is the shape alone for tight places and is hidden
 * from speech; whoever uses it alone must give the word to speech.
 */
export const MARKS = {
  waiting: { glyph: "○", tone: "text-wait" },
  running: { glyph: "◐", tone: "text-run" },
  done: { glyph: "✓", tone: "text-done" },
  failed: { glyph: "✕", tone: "text-fail" },
  cancelled: { glyph: "⊘", tone: "text-ink-2" },
  skipped: { glyph: "»", tone: "text-ink-2" },
  unknown: { glyph: "?", tone: "text-ink-2" },
  stuck: { glyph: "◷", tone: "text-run" },
  serving: { glyph: "✓", tone: "text-done" },
  runs: { glyph: "◌", tone: "text-ink-2" },
  serviceStopped: { glyph: "◑", tone: "text-ink-2" },
  processStopped: { glyph: "■", tone: "text-ink-2" },
  changing: { glyph: "◐", tone: "text-run" },
  unavailable: { glyph: "✕", tone: "text-fail" },
  deleting: { glyph: "…", tone: "text-ink-2" },
  warning: { glyph: "!", tone: "text-amber" },
  info: { glyph: "i", tone: "text-ink-2" },
} as const;
export type Mark = keyof typeof MARKS;

export function Glyph({ mark, className = "" }: { mark: Mark; className?: string }) {
  const { glyph, tone } = MARKS[mark];
  const shape =
    mark === "failed" || mark === "unavailable"
      ? "[clip-path:polygon(30%_0,70%_0,100%_30%,100%_70%,70%_100%,30%_100%,0_70%,0_30%)] bg-fail !text-fail-ink text-[0.75em]"
      : mark === "unknown"
        ? "hatch rounded-[3px] outline outline-1 -outline-offset-1 outline-line-strong"
        : mark === "warning"
          ? "rounded-[3px] outline outline-1 -outline-offset-1 outline-amber"
          : "";
  return (
    <span
      aria-hidden="true"
      className={`inline-grid size-[1.3em] shrink-0 place-items-center leading-none font-semibold ${tone} ${shape} ${className}`}
    >
      <span className={mark === "running" || mark === "changing" ? "turning" : ""}>{glyph}</span>
    </span>
  );
}

export function StateMark({
  mark,
  children,
  className = "",
}: {
  mark: Mark;
  children: React.ReactNode;
  className?: string;
}) {
  return (
    <span className={`inline-flex items-center gap-1.5 ${className}`}>
      <Glyph mark={mark} />
      <span>{children}</span>
    </span>
  );
}
