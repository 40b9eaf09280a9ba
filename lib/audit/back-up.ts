import "server-only";
import { existsSync } from "node:fs";
import { chmod, link, open, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { DatabaseSync } from "@photostructure/sqlite";
import { requireSame, requireWhole } from "../db/file-guard";
import { readSeen, type Seen } from "../db/seen-mark";
import { inspectStore, StoreFileError, type StoreFacts } from "./inspect-store";

/**
 * Copies the store to a new file, also while a console writes to it: what is committed at this moment is in the copy,
 * whole. The copy gets its name only once it was read back; no file is ever written over. A broken audit is
 * copied too, as it is.
 */
export async function backUp(storeFile: string, to: string): Promise<StoreFacts> {
  if (!existsSync(storeFile)) throw new StoreFileError(`there is no store at ${storeFile}`, "Start the console once.");
  requireWhole(storeFile, false);
  const seen = readSeen(storeFile); // before the copy, which then is not older
  const exists = () => new StoreFileError(`${to} exists already`, "Name a file that does not exist.");
  if (existsSync(to)) throw exists();
  const partial = `${to}.${process.pid}.partial`;
  const opened = await open(partial, "wx", 0o600).catch((cause: NodeJS.ErrnoException) => {
    throw new StoreFileError(
      `nothing can be written into ${dirname(to)} (${cause.code})`,
      "Name a file in a folder that exists and that this account may write to.",
    );
  });
  await opened.close();
  try {
    await chmod(partial, 0o600); // whatever the umask says
    copyInto(storeFile, partial);
    if (seen) requireSeen(storeFile, partial, seen);
    await sync(partial);
    const facts = await inspectStore(partial);
    await link(partial, to).catch((error: NodeJS.ErrnoException) => {
      throw error.code === "EEXIST" ? exists() : error;
    });
    await sync(dirname(to));
    return facts;
  } finally {
    await rm(partial, { force: true });
  }
}

function copyInto(storeFile: string, to: string): void {
  const store = new DatabaseSync(storeFile, { timeout: 10_000 });
  try {
    store.exec(`vacuum into '${to.replaceAll("'", "''")}'`);
  } finally {
    store.close();
  }
}

/** A copy of what is not the store of this console would be found out when it is needed. */
function requireSeen(storeFile: string, copy: string, seen: Seen): void {
  const database = new DatabaseSync(copy, { readOnly: true });
  try {
    requireSame(storeFile, (sql) => database.prepare(sql).get() as Record<string, unknown> | undefined, seen);
  } finally {
    database.close();
  }
}

async function sync(path: string): Promise<void> {
  const handle = await open(path, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
