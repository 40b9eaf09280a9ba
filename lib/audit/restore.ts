import "server-only";
import { constants, existsSync, statSync } from "node:fs";
import { chmod, copyFile, link, mkdir, open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { DatabaseSync } from "@photostructure/sqlite";
import { isLocked } from "../db/sqlite-error";
import { describeFault } from "./describe-fault";
import { inspectStore, StoreFileError, type StoreFacts } from "./inspect-store";

export interface Restored extends StoreFacts {
  /** Where the store that was replaced is kept; null when there was none. */
  kept: string | null;
}

/**
 * Puts a backup in the place of the store, which is kept beside it. Refused while any program has the store open. The
 * store's name never names nothing or half a file.
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
    await chmod(incoming, 0o600);
    await sync(incoming, "r+");
    // Judged where nobody else writes: what was looked at is what is put in place.
    const facts = await inspectStore(incoming, from);
    if (facts.broken)
      throw new StoreFileError(
        `the audit in ${from} is broken: ${describeFault(facts.broken)}`,
        "Keep it as evidence, and restore a backup from before.",
      );
    const kept = existsSync(storeFile) ? `${storeFile}.before-${now.toISOString().replace(/[:.]/g, "-")}` : null;
    const release = kept === null ? () => undefined : holdAlone(storeFile);
    try {
      if (kept !== null) await link(storeFile, kept);
      await rename(incoming, storeFile);
      await sync(dirname(storeFile), "r");
    } finally {
      release();
    }
    return { ...facts, kept };
  } finally {
    await rm(incoming, { force: true });
  }
}

/**
 * Only who is alone may leave write-ahead mode, in which every open connection holds a lock on the file; the system
 * takes those locks back when a process dies. What stood in the log beside the file is in the file then.
 */
function holdAlone(storeFile: string): () => void {
  const store = new DatabaseSync(storeFile, { timeout: 0 });
  try {
    store.exec("pragma journal_mode = delete");
    store.exec("begin exclusive");
    return () => store.close();
  } catch (cause) {
    store.close();
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
