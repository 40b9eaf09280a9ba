import "server-only";
import { constants, existsSync, statSync } from "node:fs";
import { chmod, copyFile, link, mkdir, open, rename, rm } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { DatabaseSync } from "@photostructure/sqlite";
import { openFile } from "../db/store";
import { setSeen } from "../db/seen-mark";
import { isLocked, isNoDatabase } from "../db/sqlite-error";
import { closeUnended, type Closed } from "./close-unended";
import { describeFault } from "./describe-fault";
import { inspectStore, StoreFileError, type StoreFacts } from "./inspect-store";

export interface Restored extends StoreFacts {
  /** Where the store that was replaced is kept; null when there was none. */
  kept: string | null;
  closed: Closed;
}

/**
 * Puts a backup in the place of the store, which is kept beside it. What had not ended in the backup is closed before. Refused
 * while any program has the store open. The store's name never names nothing or half a file. A store file will do as well, with
 * the log that stands beside it.
 */
export async function restore(from: string, storeFile: string, now = new Date()): Promise<Restored> {
  if (!existsSync(from))
    throw new StoreFileError(`there is no file ${from}`, "Name one that npm run backup has written.");
  if (!statSync(from).isFile())
    throw new StoreFileError(`${from} is no file`, "Name one that npm run backup has written.");
  await mkdir(dirname(storeFile), { recursive: true, mode: 0o700 });
  const incoming = `${storeFile}.${process.pid}.incoming`;
  await copyFile(from, incoming, constants.COPYFILE_EXCL);
  try {
    if (existsSync(`${from}-wal`)) await copyFile(`${from}-wal`, `${incoming}-wal`, constants.COPYFILE_EXCL);
    await chmod(incoming, 0o600);
    // Judged where nobody else writes: what was looked at is what is put in place.
    const before = await inspectStore(incoming, from);
    if (before.broken)
      throw new StoreFileError(
        `the audit in ${from} is broken: ${describeFault(before.broken)}`,
        "Keep it as evidence, and restore a backup from before.",
      );
    const { closed, seen } = await closeIn(incoming, basename(from), now);
    await sync(incoming, "r+");
    const facts = { ...(await inspectStore(incoming, from)), bytes: statSync(incoming).size };
    const aside = `${storeFile}.before-${now.toISOString().replace(/[:.]/g, "-")}`;
    // A log without its file, or beside an emptied one, is what is left of acknowledged entries: SQLite would delete it.
    if (!existsSync(storeFile) || statSync(storeFile).size === 0) await putAside(storeFile, aside);
    const kept = existsSync(storeFile) ? aside : null;
    const release = kept === null ? () => undefined : holdAlone(storeFile);
    try {
      if (kept !== null) await link(storeFile, kept);
      await putAside(storeFile, aside);
      await rename(incoming, storeFile);
      setSeen(storeFile, seen);
      await sync(dirname(storeFile), "r");
    } finally {
      release();
    }
    return { ...facts, kept, closed };
  } finally {
    for (const ending of ["", "-wal", "-shm"]) await rm(incoming + ending, { force: true });
  }
}

/** Closes what had not ended, in a file that nobody else knows yet; all of it stands in that one file afterwards. */
async function closeIn(file: string, from: string, now: Date) {
  const db = await openFile(file);
  try {
    const closed = await closeUnended(db, from, now);
    const { store } = await db.selectFrom("store_identity").select("store").executeTakeFirstOrThrow();
    const head = await db.selectFrom("audit_head").select(["seq", "hash"]).executeTakeFirstOrThrow();
    return { closed, seen: { store, ...head } };
  } finally {
    await db.destroy();
    const database = new DatabaseSync(file, { timeout: 5_000 });
    database.exec("pragma wal_checkpoint(truncate)");
    database.close();
  }
}

/** What stands beside the store would be taken for the log of the one that comes. */
async function putAside(storeFile: string, aside: string): Promise<void> {
  await rm(`${storeFile}-shm`, { force: true });
  const log = `${storeFile}-wal`;
  if (!existsSync(log)) return;
  if (statSync(log).size === 0) await rm(log);
  else await rename(log, `${aside}-wal`);
}

/**
 * Only who is alone may leave write-ahead mode, in which every open connection holds a lock on the file; the system
 * takes those locks back when a process dies. What stood in the log beside the file is in the file then. In a ruin there is
 * nothing to hold.
 */
function holdAlone(storeFile: string): () => void {
  const store = new DatabaseSync(storeFile, { timeout: 0 });
  try {
    store.exec("pragma journal_mode = delete");
    store.exec("begin exclusive");
    return () => store.close();
  } catch (cause) {
    store.close();
    if (isNoDatabase(cause)) return () => undefined;
    if (isLocked(cause))
      throw new StoreFileError(
        `${storeFile} is in use`,
        "Stop the console, and whatever else has the store open, then run this again.",
      );
    throw cause;
  }
}

async function sync(path: string, mode: "r" | "r+"): Promise<void> {
  const handle = await open(path, mode);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
