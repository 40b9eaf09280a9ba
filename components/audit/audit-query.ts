import type { AuditQuery } from "@/lib/audit/schema";

/** Filters live in the address, so that a link shows the same entries (ux A-4). */
export function searchOf(query: Partial<AuditQuery> & { format?: string }): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined) search.set(name, String(value));
  const text = search.toString();
  return text === "" ? "" : `?${text}`;
}

const FILTERS = ["person", "action", "force", "failed", "open", "from", "to"] as const satisfies (keyof AuditQuery)[];

/** How many filters are set, besides where one looks. */
export const countFilters = (query: AuditQuery): number =>
  FILTERS.filter((name) => query[name] !== undefined).length + (query.console || query.run ? 1 : 0);
