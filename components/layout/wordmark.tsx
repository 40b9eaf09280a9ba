import Link from "next/link";

/** A bar lowered onto its rest. */
export function Wordmark() {
  return (
    <Link
      href="/clusters"
      className="inline-flex items-center gap-2 rounded-[3px] font-semibold tracking-tight max-sm:-ml-3 max-sm:min-h-11 max-sm:min-w-11 max-sm:justify-center"
      translate="no"
    >
      <svg viewBox="0 0 20 20" width="18" height="18" aria-hidden="true" fill="currentColor">
        <path d="M2 3h3v14H2zM15 3h3v14h-3z" opacity=".35" />
        <path d="M2 14h16v3H2z" />
      </svg>
      <span className="max-sm:sr-only">Standdown</span>
    </Link>
  );
}
