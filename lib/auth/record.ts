import "server-only";
import { randomUUID } from "node:crypto";
import { appendLine } from "../audit/journal";
import type { AuditLine } from "../audit/schema";
import type { Database } from "../db/tables";

type Action = Extract<AuditLine["action"], `session.${string}` | `person.${string}`>;

/** From where a request came, as the server itself saw it. */
export const clientOf = (headers: Headers): string => headers.get("x-standdown-client") ?? "";

/** One line of what concerns people and no cluster. `id` continues an entry. With `on` it is part of that transaction. */
export const record = (
  entry: {
    action: Action;
    event: AuditLine["event"];
    by: string;
    facts: readonly string[];
    kind?: string;
    id?: string;
  },
  on?: Database,
): Promise<void> =>
  appendLine(
    {
      id: entry.id ?? randomUUID(),
      event: entry.event,
      action: entry.action,
      by: entry.by,
      cluster: null,
      detail: { text: entry.facts.filter(Boolean).join(" · ") },
      ...(entry.kind ? { outcome: { kind: entry.kind } } : {}),
    },
    on,
  );
