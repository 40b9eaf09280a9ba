import { Glyph, type Mark } from "@/components/ui/state-mark";

/** A glyph in a box of one width, so that what follows it stands in line whatever the state. */
export function MarkBox({ mark }: { mark: Mark }) {
  return (
    <span className="inline-grid w-[1.3em] shrink-0 place-items-center">
      <Glyph mark={mark} />
    </span>
  );
}
