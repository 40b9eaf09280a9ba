import { readFileSync } from "node:fs";

const MARK = /^\uFEFF/;

/**
 * The text of a file that a person wrote, without the mark that editors and shells of Windows put in front; also where they
 * wrote it in UTF-16.
 */
export function readTextFile(file: string): string {
  const bytes = readFileSync(file);
  const isLittle = bytes[0] === 0xff && bytes[1] === 0xfe;
  const isBig = bytes[0] === 0xfe && bytes[1] === 0xff;
  const text = isLittle || isBig ? (isBig ? swapped(bytes) : bytes).toString("utf16le") : bytes.toString("utf8");
  return text.replace(MARK, "");
}

/** Whole pairs only: half a character at the end is none. */
const swapped = (bytes: Buffer): Buffer => Buffer.from(bytes.subarray(0, bytes.length & ~1)).swap16();

/** A secret as it was meant: what is written into files and variables often ends with a line end, and no secret does. */
export const asSecret = (text: string): string => text.replace(MARK, "").replace(/[\r\n]+$/, "");
