import { qrCode } from "./qr-code";

const QUIET = 4;

/** Dark on white in every theme: readers expect it. */
export function QrImage({ text, label }: { text: string; label: string }) {
  const rows = qrCode(text);
  const size = rows.length + 2 * QUIET;
  const path = rows.flatMap((row, y) =>
    row.flatMap((isDark, x) => (isDark ? [`M${x + QUIET} ${y + QUIET}h1v1h-1z`] : [])),
  );
  return (
    <svg
      role="img"
      aria-label={label}
      viewBox={`0 0 ${size} ${size}`}
      shapeRendering="crispEdges"
      className="mt-2 block size-56 rounded-[3px] border bg-[#ffffff]"
    >
      <path d={path.join("")} fill="#000000" />
    </svg>
  );
}
