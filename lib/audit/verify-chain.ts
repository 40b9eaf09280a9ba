import "server-only";
import { setImmediate } from "node:timers/promises";
import { z } from "zod";
import type { Database } from "../db/tables";
import { columnsOf, FIRST_PREVIOUS, hashOf, type AuditRow } from "./chain";
import type { AuditLine, ChainFault } from "./schema";

const PAGE = 500;

/** A verified beginning of the chain: the first `seq` rows, the last of which has this hash. */
export interface Verified {
  seq: number;
  hash: string;
}
export const NOTHING_VERIFIED: Verified = { seq: 0, hash: FIRST_PREVIOUS };

export type Verdict = { ok: true; upTo: Verified } | { ok: false; seq: number; fault: ChainFault; upTo: Verified };

/**
 * Follows the chain to the end that the head names, in pages, from a beginning that was verified before. Names the first
 * row that is wrong. Rows that are written meanwhile are left to the next look. `known` is an end that was seen before:
 * it must still be in the chain, although everything may have been made anew to fit.
 */
export async function verifyChain(
  db: Database,
  { from = NOTHING_VERIFIED, known = from }: { from?: Verified; known?: Verified } = {},
): Promise<Verdict> {
  const { head, last } = await readEnds(db);
  let upTo = from;
  const broken = (seq: number, fault: ChainFault): Verdict => ({ ok: false, seq, fault, upTo });
  if (!head) return broken(last, "head");
  while (upTo.seq < head.seq) {
    const rows = await readPage(db, upTo.seq, head.seq);
    for (const row of rows) {
      if (row.seq !== upTo.seq + 1) break;
      const fault = faultOf(row, upTo.hash);
      if (fault) return broken(row.seq, fault);
      if (row.seq === known.seq && row.hash !== known.hash) return broken(row.seq, "changed");
      upTo = { seq: row.seq, hash: row.hash };
    }
    if (rows.at(-1)?.seq !== upTo.seq) return broken(upTo.seq + 1, "missing");
    await setImmediate(); // the embedded engine answers at once; others get their turn between the pages
  }
  if (head.seq < Math.max(upTo.seq, known.seq)) return broken(head.seq + 1, "missing"); // it was longer before
  if (head.hash !== upTo.hash) return broken(head.seq, "head");
  if (last > head.seq) return broken(head.seq + 1, "extra");
  return { ok: true, upTo };
}

/** In one statement, so that a line which is written meanwhile is in both or in neither. */
async function readEnds(db: Database): Promise<{ head: Verified | undefined; last: number }> {
  const row = await db
    .selectFrom((from) =>
      from
        .selectFrom("audit")
        .select(({ fn }) => fn.max("seq").as("last"))
        .as("ends"),
    )
    .leftJoin("audit_head", (join) => join.on("audit_head.id", "=", 1))
    .select(["ends.last", "audit_head.seq", "audit_head.hash"])
    .executeTakeFirst();
  const head = row && row.seq !== null && row.hash !== null ? { seq: row.seq, hash: row.hash } : undefined;
  return { head, last: row?.last ?? 0 };
}

const readPage = (db: Database, after: number, last: number): Promise<AuditRow[]> =>
  db
    .selectFrom("audit")
    .selectAll()
    .where("seq", ">", after)
    .where("seq", "<=", last)
    .orderBy("seq")
    .limit(PAGE)
    .execute();

/** Judges a row as it stands, with the hash that it has to name as the one before. */
function faultOf(row: AuditRow, previous: string): ChainFault | null {
  const { hash, ...covered } = row;
  if (hashOf(covered) !== hash) return "changed";
  if (row.previous !== previous) return "link";
  return agreesWithLine(row) ? null : "columns";
}

/** Only what the columns repeat; what else a line may hold has changed over the versions and will again. */
const repeatedSchema = z.object({
  id: z.string(),
  at: z.string(),
  event: z.string(),
  action: z.string(),
  by: z.string(),
  cluster: z.object({ id: z.string() }).nullable(),
  detail: z.object({ method: z.string().optional() }),
  outcome: z.object({ runId: z.string().optional() }).optional(),
});

function agreesWithLine(row: AuditRow): boolean {
  try {
    const line = repeatedSchema.parse(JSON.parse(row.line));
    // Whether a line is a failure is not judged anew: an older version may have seen it otherwise.
    const columns = columnsOf(line as AuditLine); // safe: it reads nothing else of a line
    return Object.entries(columns).every(
      ([name, value]) => name === "is_failure" || row[name as keyof typeof columns] === value,
    );
  } catch {
    return false;
  }
}
