/** How a text field of the dialog looks. */
export const FIELD =
  "min-h-9 w-full min-w-0 rounded-[3px] border border-line-strong bg-paper px-2.5 py-1 read-only:opacity-70 max-sm:min-h-11";
