/**
 * The keys of a table in the order in which they stand there. A list over a whole union is made from a table, so that the
 * types name what is missing from it.
 */
export const keysOf = <Key extends string>(table: Readonly<Record<Key, unknown>>): readonly Key[] =>
  Object.keys(table) as Key[]; // safe: a literal table has these keys and no others
