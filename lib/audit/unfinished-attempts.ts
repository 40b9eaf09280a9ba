import "server-only";
import { storeNowMs } from "../db/store-clock";
import { singleton } from "../singleton";
import { BEFORE_THE_END } from "./close-once";
import { parseRow, readable } from "./read-attempts";
import { sendingAction, type AuditLine } from "./schema";

/** First lines that are looked through at a time: a long record is not read at once. */
const CHUNK = 2_000;

/** Everything before this line has ended; each process finds that out for itself. */
const position = () => singleton("audit.ended-before", () => ({ seq: 0 }));

/** First lines of attempts to send something that were opened this long ago by the store's clock, and of which nothing tells the end. */
export function unfinishedAttempts(olderThanMs: number): Promise<AuditLine[]> {
  return readable(async (db) => {
    const before = new Date((await storeNowMs(db)) - olderThanMs).toISOString();
    const { seq } = position();
    const firsts = await db
      .selectFrom("audit as first")
      .select(({ exists, selectFrom }) => [
        "first.seq",
        "first.line",
        "first.at",
        "first.event",
        exists(
          selectFrom("audit as later")
            .select("later.seq")
            .whereRef("later.attempt_id", "=", "first.attempt_id")
            .where("later.event", "not in", BEFORE_THE_END),
        ).as("has_ended"),
      ])
      .where("first.is_first", "=", 1)
      .where("first.action", "in", sendingAction.options)
      .where("first.seq", ">", seq)
      .orderBy("first.seq")
      .limit(CHUNK)
      .execute();
    const isOpen = ({ event, has_ended }: (typeof firsts)[number]) => event === "opened" && !has_ended;
    const oldest = firsts.find((row) => isOpen(row) || row.at > before);
    position().seq = oldest ? oldest.seq - 1 : (firsts.at(-1)?.seq ?? seq);
    return firsts
      .filter((row) => isOpen(row) && row.at <= before)
      .flatMap((row) => parseRow(row).map(({ line }) => line))
      .filter(({ detail }) => detail.imported !== true); // of a time without intents, nothing tells
  });
}
