import "server-only";
import { AppError } from "../errors";
import { log } from "../log";
import type { Database } from "../db/tables";
import { isStoreAway, storeUnavailable } from "../store-away";
import { csvHeader, csvRow, type ExportedLine } from "./csv";
import { firstLines, type AuditScope } from "./first-lines";
import { appendLine } from "./journal";
import { openJournal } from "./open-journal";
import { auditLineSchema, type AuditLine, type AuditQuery } from "./schema";

/** Attempts that are in memory at a time. */
const PAGE = 50;

export interface ExportRequest {
  format: "csv" | "json";
  scope: AuditScope;
  query: AuditQuery;
  by: string;
  /** The cluster that the export is of; null for several. */
  cluster: AuditLine["cluster"];
}

const FORMATS = {
  csv: { begin: csvHeader, row: csvRow, between: "", end: "" },
  json: {
    begin: () => "[\n",
    row: ({ row, line }: ExportedLine) => JSON.stringify({ ...row, ...line }),
    between: ",\n",
    end: "\n]\n",
  },
};

/**
 * Every line of the attempts that are asked for, oldest attempt first, as bytes that are read as they are sent. It goes
 * up to the end of the audit at its beginning, and is in the audit itself: opened before its first byte, then how it ended.
 */
export async function exportAudit(request: ExportRequest): Promise<ReadableStream<Uint8Array>> {
  const entry = { id: crypto.randomUUID(), action: "audit.export" as const, by: request.by, cluster: request.cluster };
  const { end, ...rows } = await openRows(request);
  const filters = Object.entries(request.query).filter(([, value]) => value !== undefined);
  const text = [request.format, ...filters.map(([name, value]) => `${name}=${value}`)].join(" ");
  await appendLine({ ...entry, event: "opened", detail: { text } });
  const close = async (event: AuditLine["event"], count: number) => {
    const outcome = event === "refused" ? { outcome: { kind: "internal" } } : {};
    try {
      await appendLine({ ...entry, event, detail: { text: String(count) }, ...outcome });
    } catch (error) {
      log.error({ attempt: entry.id, err: error }, "an audit entry stays open: its end could not be written");
    }
  };
  return toStream(textOf(request.format, rows.pages(end)), close);
}

async function openRows({ scope, query }: ExportRequest) {
  try {
    const db = await openJournal();
    const { seq: end } = await db.selectFrom("audit_head").select("seq").executeTakeFirstOrThrow();
    return { end, pages: (until: number) => pagesOf(db, scope, query, until) };
  } catch (cause) {
    throw isStoreAway(cause) ? storeUnavailable(cause) : new AppError("audit-unwritable", {}, { cause });
  }
}

async function* pagesOf(db: Database, scope: AuditScope, query: AuditQuery, until: number) {
  for (let after = 0; ;) {
    const firsts = await firstLines(db, scope, { ...query, before: undefined })
      .select(["first.seq", "first.attempt_id"])
      .where("first.seq", ">", after)
      .where("first.seq", "<=", until)
      .orderBy("first.seq")
      .limit(PAGE)
      .execute();
    const order = new Map(firsts.map(({ attempt_id }, at) => [attempt_id, at]));
    if (order.size === 0) return;
    const rows = await db
      .selectFrom("audit")
      .select(["seq", "attempt_id", "line", "previous", "hash"])
      .where("attempt_id", "in", [...order.keys()])
      .where("seq", "<=", until)
      .orderBy("seq")
      .execute();
    const rank = (id: string) => order.get(id) ?? 0;
    yield rows.sort((left, right) => rank(left.attempt_id) - rank(right.attempt_id) || left.seq - right.seq);
    after = firsts.at(-1)?.seq ?? until;
  }
}

async function* textOf(format: ExportRequest["format"], pages: ReturnType<typeof pagesOf>) {
  const { begin, row: write, between, end } = FORMATS[format];
  yield { text: begin(), count: 0 };
  let isFirst = true;
  for await (const rows of pages) {
    const texts = rows.map(({ seq, line, previous, hash }) =>
      write({ row: { seq, previous, hash }, line: auditLineSchema.parse(JSON.parse(line)) }),
    );
    yield { text: (isFirst ? "" : between) + texts.join(between), count: texts.length };
    isFirst = false;
  }
  if (end) yield { text: end, count: 0 };
}

/** Reads on only when the one who downloads has taken what there was. */
function toStream(
  texts: ReturnType<typeof textOf>,
  close: (event: AuditLine["event"], count: number) => Promise<void>,
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let count = 0;
  return new ReadableStream(
    {
      async pull(controller) {
        try {
          const { done, value } = await texts.next();
          if (!done) {
            count += value.count;
            return controller.enqueue(encoder.encode(value.text));
          }
          await close("checked", count);
          controller.close();
        } catch (error) {
          log.error({ err: error }, "an export of the audit broke off");
          await close("refused", count);
          controller.error(error); // the download must not look complete
        }
      },
      async cancel() {
        await texts.return(undefined);
        await close("cancelled", count);
      },
    },
    { highWaterMark: 1 },
  );
}
