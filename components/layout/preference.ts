/** How a select of the shell looks. */
export const PREFERENCE =
  "min-h-9 rounded-[4px] border border-transparent bg-transparent px-1 text-sm text-ink-2 hover:border-line-strong max-sm:min-h-11";
