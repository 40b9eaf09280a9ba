import type { AuditQuery } from "@/lib/audit/schema";
import { personZone } from "@/lib/i18n/person-zone";
import { instantOf } from "@/lib/i18n/wall-clock";

/** Ends of the span that name no time zone are of the person's, and from here on they are instants. */
export async function withInstants<Query extends Pick<AuditQuery, "from" | "to">>(query: Query): Promise<Query> {
  const zone = await personZone();
  const instant = (end: "from" | "to") => {
    const text = query[end];
    return text === undefined || /(?:Z|[+-]\d\d:\d\d)$/.test(text) ? text : minuteOf(instantOf(zone, text, end), text);
  };
  return { ...query, from: instant("from"), to: instant("to") };
}

/** What was given to the minute stays so: its end holds the whole minute. */
const minuteOf = (instant: string, text: string): string =>
  /T\d\d:\d\d$/.test(text) ? `${instant.slice(0, 16)}Z` : instant;
