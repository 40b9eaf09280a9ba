import "server-only";
import { fstatSync, openSync, readSync, statSync, type BigIntStats } from "node:fs";
import { DatabaseSync } from "@photostructure/sqlite";
import { storeFault } from "../store-away";
import { makeSeen, openSeen, readSeen, type Seen } from "./seen-mark";
import { isLocked } from "./sqlite-error";

const HEADER_BYTES = 100;
type Read = (sql: string) => Record<string, unknown> | undefined;

interface Look {
  file: BigIntStats;
  log: BigIntStats | null;
  index: BigIntStats | null;
}

/**
 * Watches over the file of the embedded store: that it is there, the same one, whole, and not older than what was seen of
 * it. SQLite itself goes on writing into a file that was moved, deleted or overwritten under it.
 */
export class FileGuard {
  readonly #file: string;
  #seen: Seen | null;
  #read: Read = () => undefined;
  #known: Look | null = null;
  #mark: ReturnType<typeof openSeen> | null = null;
  #handle: number | null = null;

  /** Looks at the file before anything opens it. Throws `store-gone`, `store-cut`. */
  constructor(file: string) {
    this.#file = file;
    this.#seen = readSeen(file);
    requireWhole(file, this.#seen !== null);
  }

  /** Compares what the file holds with what was seen, before it is migrated. Throws `store-foreign`, `store-older`. */
  compare(read: Read): void {
    this.#read = read;
    if (!this.#seen) return;
    // An old file beside a newer log becomes a mixture of both, whose end looks right.
    if (read("pragma quick_check(1)")?.quick_check !== "ok") throw storeFault("store-cut", this.#file);
    requireSame(this.#file, read, this.#seen);
  }

  /** From here on every write is watched. */
  arm(): void {
    this.#seen = seenOf(this.#read);
    makeSeen(this.#file, this.#seen);
    this.#mark = openSeen(this.#file);
    this.#handle = openSync(this.#file, "r");
    this.#known = this.#look();
  }

  /** Before a write. Throws what is wrong with the file. */
  check(): void {
    if (!this.#known) return;
    const now = this.#look();
    const { file, log } = this.#known;
    // A checkpoint of another program changes these rightly; a copy over the file does so too.
    const isTouched = now.file.mtimeNs !== file.mtimeNs || now.file.size < file.size;
    const isShorter = log !== null && now.log !== null && now.log.size < log.size;
    if (isTouched || isShorter) this.#readAnew();
    this.#known = now;
  }

  /** After a commit, before it is acknowledged. */
  committed(): void {
    if (!this.#known || !this.#seen) return;
    this.#known = this.#look();
    const head = headOf(this.#read);
    if (head.seq === this.#seen.seq) return;
    this.#seen = { ...this.#seen, ...head };
    this.#mark?.move(this.#seen);
  }

  close(): void {
    this.#known = null;
    this.#mark?.close();
    this.#mark = null;
  }

  #look(): Look {
    const file = statOf(this.#file);
    const log = statOf(`${this.#file}-wal`);
    const index = statOf(`${this.#file}-shm`);
    if (!file) throw storeFault("store-gone", this.#file);
    if (file.size === 0n) throw storeFault("store-cut", this.#file);
    if (this.#known && !isSame(file, this.#known.file)) throw storeFault("store-replaced", this.#file);
    // Both are there as long as this process has the file open. Without them what was acknowledged is in no file any more.
    for (const [was, is] of [
      [this.#known?.log, log],
      [this.#known?.index, index],
    ] as const)
      if (was && (!is || !isSame(is, was))) throw storeFault("store-cut", this.#file);
    return { file, log, index };
  }

  /** Over a connection of its own, which remembers nothing of what stood there before. */
  #readAnew(): void {
    if (!this.#seen || this.#handle === null) return;
    const inHeader = sizeInHeader(this.#handle);
    if (inHeader === null || fstatSync(this.#handle, { bigint: true }).size < inHeader)
      throw storeFault("store-cut", this.#file);
    const database = new DatabaseSync(this.#file, { readOnly: true, timeout: 0 });
    try {
      const read: Read = (sql) => database.prepare(sql).get() as ReturnType<Read>;
      if (read("pragma quick_check(1)")?.quick_check !== "ok") throw storeFault("store-cut", this.#file);
      requireSame(this.#file, read, this.#seen);
    } catch (error) {
      if (isLocked(error)) throw error;
      throw isNamed(error) ? error : storeFault("store-cut", this.#file, error);
    } finally {
      database.close();
    }
  }
}

const statOf = (path: string): BigIntStats | null => statSync(path, { bigint: true, throwIfNoEntry: false }) ?? null;
const isSame = (one: BigIntStats, other: BigIntStats): boolean => one.ino === other.ino && one.dev === other.dev;
const isNamed = (error: unknown): boolean => error instanceof Error && "kind" in error;

/** Before the file is opened: SQLite takes an empty one for a new store, and then throws away the log beside it. */
export function requireWhole(file: string, wasSeen: boolean): void {
  const stats = statOf(file);
  const log = statOf(`${file}-wal`);
  if (!stats && wasSeen) throw storeFault("store-gone", file);
  const isEmpty = !stats || stats.size === 0n;
  if (isEmpty && (wasSeen || (log !== null && log.size > 0n))) throw storeFault("store-cut", file);
  if (isEmpty) return;
  // The handle stays open: closing it would take back the locks of every connection of this process to the same file.
  const inHeader = sizeInHeader(openSync(file, "r"));
  // A log that is whole would bring it back; but nobody knows what else was written over.
  if (inHeader === null) throw storeFault("store-foreign", file);
  if (stats.size < inHeader) throw storeFault("store-cut", file);
}

/** What the file itself says to be its size; 0 where it says nothing, null where it is no file of SQLite. */
function sizeInHeader(handle: number): bigint | null {
  const header = Buffer.alloc(HEADER_BYTES);
  readSync(handle, header, 0, HEADER_BYTES, 0);
  if (header.toString("latin1", 0, 15) !== "SQLite format 3") return null;
  if (header.readUInt32BE(24) !== header.readUInt32BE(92)) return 0n; // written by a program that does not keep it
  const page = header.readUInt16BE(16);
  return BigInt(page === 1 ? 65_536 : page) * BigInt(header.readUInt32BE(28));
}

function headOf(read: Read): Pick<Seen, "seq" | "hash"> {
  const head = read("select seq, hash from audit_head where id = 1");
  return { seq: Number(head?.seq), hash: String(head?.hash) };
}

const seenOf = (read: Read): Seen => ({
  store: String(read("select store from store_identity where id = 1")?.store),
  ...headOf(read),
});

/** Throws what is wrong with a store that should be the one that was seen, or a copy of it. */
export function requireSame(file: string, read: Read, seen: Seen): void {
  const has = (table: string) => read(`select 1 as found from sqlite_master where name = '${table}'`) !== undefined;
  if (read("select 1 as found from sqlite_master limit 1") === undefined) throw storeFault("store-cut", file);
  if (!has("audit_head")) throw storeFault("store-foreign", file);
  if (!has("store_identity")) throw storeFault("store-older", file);
  const now = seenOf(read);
  if (now.store !== seen.store) throw storeFault("store-foreign", file);
  const row = read(`select hash from audit where seq = ${seen.seq}`); // a missing one is for the check of the chain to name
  if (now.seq < seen.seq || (row && row.hash !== seen.hash)) throw storeFault("store-older", file);
}
