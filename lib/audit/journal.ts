import "server-only";
import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import { mkdir, open, type FileHandle } from "node:fs/promises";
import { userInfo } from "node:os";
import { dirname, join } from "node:path";
import { config } from "../config";
import { AppError } from "../errors";
import { log } from "../log";
import { singleton } from "../singleton";
import { createIndex, type AuditIndex } from "./audit-index";
import { auditLineSchema, type Attempt, type AuditLine } from "./schema";

const { O_APPEND, O_CREAT, O_RDWR } = constants;
/** A disk that hangs must not hold a stop for ever: after this long it counts as unwritable. */
const APPEND_TIMEOUT_MS = 10_000;
/** What is kept in memory, newest first to stay; the file itself keeps everything. */
const KEPT_LINES = 50_000;
const KEPT_BYTES = 64 * 1024 * 1024;
const NEWLINE = 10;

const path = () => join(config().dataDir, "audit.jsonl");

interface Journal {
  index: AuditIndex;
  /** The append in progress; the next one waits for it. */
  last: Promise<void>;
}

const journal = () =>
  singleton("audit.journal", (): Journal => {
    const index = createIndex({ lines: KEPT_LINES, bytes: KEPT_BYTES });
    readTail((line) => index.read(line));
    if (index.unreadable() > 0) log.warn({ count: index.unreadable() }, "audit lines that cannot be read are skipped");
    return { index, last: Promise.resolve() };
  });

/** Who acts: the account that runs the console, until there is sign-in. */
export function who(): string {
  try {
    return `local:${userInfo().username}`;
  } catch {
    return `local:uid-${process.getuid?.() ?? "unknown"}`; // a container may run an account without a name
  }
}

/**
 * Writes one line and waits until it is on the disk. Lines are written one after the other. Any failure is
 * `audit-unwritable`: then nothing may be sent, although the line may still turn out to be in the file.
 */
export async function appendLine(line: Omit<AuditLine, "at" | "by">): Promise<void> {
  try {
    const known = journal();
    const full = auditLineSchema.parse({ ...line, at: new Date().toISOString(), by: who() });
    const text = JSON.stringify(full);
    const written = known.last.then(() => writeLine(text)).then(() => known.index.add(full, text.length));
    known.last = written.catch(() => undefined);
    await withTimeout(written);
  } catch (cause) {
    throw new AppError("audit-unwritable", {}, { cause });
  }
}

/** Every attempt on a cluster that is kept in memory, newest first. */
export const attempts = (clusterId: string): Attempt[] => readable().attempts(clusterId);

/** The attempt that led to this run; null when this console did not send it. */
export const attemptOfRun = (clusterId: string, runId: string): Attempt | null =>
  readable().attemptOfRun(clusterId, runId);

/** Lines of the file that could not be read, for example one that a crash cut off. They stay in the file. */
export const countUnreadable = (): number => readable().unreadable();

function readable(): AuditIndex {
  try {
    return journal().index;
  } catch (cause) {
    throw new AppError("audit-unwritable", {}, { cause });
  }
}

function withTimeout(written: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not on disk after ${APPEND_TIMEOUT_MS} ms`)), APPEND_TIMEOUT_MS);
  });
  return Promise.race([written, late]).finally(() => clearTimeout(timer));
}

/** Opened anew for each line, so that a file which was moved away or replaced never swallows one. */
async function writeLine(text: string): Promise<void> {
  const file = await openJournal();
  try {
    const { size } = await file.stat();
    // A crash or a full disk may have cut the last line off. It is left as it is, and ours begins on a fresh line.
    const bytes = Buffer.from(`${size > 0 && !(await endsLine(file, size)) ? "\n" : ""}${text}\n`);
    for (let at = 0; at < bytes.length;) at += (await file.write(bytes, at)).bytesWritten;
    await file.sync();
  } finally {
    await file.close();
  }
}

async function endsLine(file: FileHandle, size: number): Promise<boolean> {
  const { buffer } = await file.read(Buffer.alloc(1), 0, 1, size - 1);
  return buffer[0] === NEWLINE;
}

async function openJournal(): Promise<FileHandle> {
  const file = await open(path(), O_RDWR | O_APPEND).catch((error: unknown) => {
    if (!isMissing(error)) throw error;
    return createJournal();
  });
  // A pipe or a device would take the line and keep nothing.
  if ((await file.stat()).isFile()) return file;
  await file.close();
  throw new Error(`${path()} is not a file`);
}

async function createJournal(): Promise<FileHandle> {
  const folder = dirname(path());
  const firstMade = await mkdir(folder, { recursive: true, mode: 0o700 });
  const file = await open(path(), O_RDWR | O_APPEND | O_CREAT, 0o600);
  try {
    // A new name lasts only when the folder that holds it is on the disk, and so on up to one that was there before.
    const top = firstMade === undefined ? folder : dirname(firstMade);
    for (let at = folder; ; at = dirname(at)) {
      await syncFolder(at);
      if (at === top || at === dirname(at)) return file;
    }
  } catch (error) {
    await file.close();
    throw error;
  }
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

const isMissing = (error: unknown): boolean => error instanceof Error && "code" in error && error.code === "ENOENT";

/** Hands over the end of the file, oldest line first. Read at once, because whoever asks for attempts cannot wait. */
function readTail(take: (line: string) => void): void {
  let file: number;
  try {
    file = openSync(path(), "r");
  } catch (error) {
    if (isMissing(error)) return;
    throw error;
  }
  try {
    const { size } = fstatSync(file);
    const from = Math.max(0, size - KEPT_BYTES);
    const bytes = Buffer.alloc(size - from);
    let length = 0;
    for (let read = -1; read !== 0 && length < bytes.length; length += read) {
      read = readSync(file, bytes, length, bytes.length - length, from + length);
    }
    const begin = from === 0 ? 0 : bytes.indexOf(NEWLINE) + 1;
    for (const line of bytes.toString("utf8", begin, length).split("\n")) if (line.trim() !== "") take(line);
  } finally {
    closeSync(file);
  }
}
