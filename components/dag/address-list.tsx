/** Every address of a long sentence, on demand. */
export function AddressList({ label, addresses }: { label: string; addresses: readonly string[] }) {
  return (
    <details className="text-sm">
      <summary className="inline-flex min-h-6 cursor-pointer items-center text-ink-2 underline underline-offset-2 max-sm:min-h-11">
        {label}
      </summary>
      <p className="font-mono break-words">{addresses.join("  ")}</p>
    </details>
  );
}
