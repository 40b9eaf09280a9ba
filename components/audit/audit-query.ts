import type { AuditQuery } from "@/lib/audit/schema";
import { keysOf } from "@/lib/keys-of";

/** Filters live in the address, so that a link shows the same entries (ux A-4). */
export function searchOf(query: Partial<AuditQuery> & { format?: string }): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined) search.set(name, String(value));
  const text = search.toString();
  return text === "" ? "" : `?${text}`;
}

/** False: it says where one looks, not what for. */
const IS_FILTER: Record<keyof AuditQuery, boolean> = {
  person: true,
  cluster: false,
  console: true,
  action: true,
  run: true,
  force: true,
  failed: true,
  open: true,
  from: true,
  to: true,
  before: false,
};

/** How many filters are set, besides where one looks. */
export const countFilters = (query: AuditQuery): number =>
  keysOf(IS_FILTER).filter((name) => IS_FILTER[name] && query[name] !== undefined).length;
