export const NAMED = 4;

/** In a sentence: a few by name, of the others how many. A cluster may have servers and tenants by the hundred. */
export const few = (names: readonly string[], list = (some: readonly string[]) => some.join(", ")): string =>
  names.length <= NAMED ? list(names) : `${names.slice(0, NAMED).join(", ")} … (${names.length})`;
