import "server-only";
import { closeSync, existsSync, fsyncSync, linkSync, openSync, rmSync, writeSync } from "node:fs";
import { dirname, join } from "node:path";
import { z } from "zod";
import { ConfigError } from "../config";
import { log } from "../log";
import { readTextFile } from "../text-file";

const SIZE = 256;
const seenSchema = z.object({ store: z.string(), seq: z.number().int(), hash: z.string() });

/** The furthest that a store was seen: which one it is, and the last line of its audit. */
export type Seen = z.infer<typeof seenSchema>;

/** Beside the store and the key file: what it tells is known without the store. */
export const seenFile = (storeFile: string): string => join(dirname(storeFile), "standdown.seen");

/** null where none was seen yet. Throws ConfigError for a mark that cannot be read. */
export function readSeen(storeFile: string): Seen | null {
  const file = seenFile(storeFile);
  if (!existsSync(file)) return null;
  try {
    return seenSchema.parse(JSON.parse(readTextFile(file)));
  } catch {
    throw new ConfigError(
      `${file} does not tell which store was here; if ${storeFile} is the right one, move ${file} away`,
    );
  }
}

/** Makes the mark, whole or not at all. One that is there stays, and whoever has it open keeps writing into it. */
export function makeSeen(storeFile: string, seen: Seen): void {
  const file = seenFile(storeFile);
  if (existsSync(file)) return;
  const draft = `${file}.${process.pid}.part`;
  try {
    const handle = openSync(draft, "w", 0o600);
    try {
      writeSync(handle, padded(seen));
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
    linkSync(draft, file);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error; // another was quicker
  } finally {
    rmSync(draft, { force: true });
  }
}

/** Moves a mark on: within one block of the disk, so that it is the old one or the new one. */
export function openSeen(storeFile: string): { move: (seen: Seen) => void; close: () => void } {
  const handle = openSync(seenFile(storeFile), "r+");
  return {
    move(seen) {
      try {
        writeSync(handle, padded(seen), 0);
      } catch (error) {
        log.warn({ err: error }, "how far the store has come could not be noted beside it");
      }
    },
    close: () => closeSync(handle),
  };
}

/** Says that it is another store from now on, or the same at another point; nobody may have it open. */
export function setSeen(storeFile: string, seen: Seen): void {
  makeSeen(storeFile, seen);
  const mark = openSeen(storeFile);
  mark.move(seen);
  mark.close();
}

const padded = (seen: Seen): string => `${JSON.stringify(seen).padEnd(SIZE - 1)}\n`;
