/** Every address of a sentence: one as it is, more on demand. */
export function AddressList({ label, addresses }: { label: string; addresses: readonly string[] }) {
  const list = (
    <p
      className="max-h-60 overflow-y-auto font-mono text-sm break-words"
      tabIndex={addresses.length > 1 ? 0 : undefined}
    >
      {addresses.join("  ")}
    </p>
  );
  if (addresses.length === 1) return list;
  return (
    <details className="text-sm">
      <summary className="inline-flex min-h-6 cursor-pointer items-center text-ink-2 underline underline-offset-2 max-sm:min-h-11">
        {label}
      </summary>
      {list}
    </details>
  );
}
