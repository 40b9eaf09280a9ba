import "server-only";
import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from "node:crypto";
import { closeSync, existsSync, fsyncSync, linkSync, mkdirSync, openSync, rmSync, statSync, writeSync } from "node:fs";
import { dirname, join } from "node:path";
import { config, ConfigError } from "./config";
import { AppError } from "./errors";
import { singleton } from "./singleton";
import { readTextFile } from "./text-file";

const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const VERSION = "v1";

/** What is derived from the master key; one text sealed for one purpose opens for no other. */
export type SealPurpose = "cluster" | "key-check" | "sign-in" | "actions";

export const keyFile = (): string => join(config().dataDir, "standdown.key");

/**
 * The 32 bytes that everything sealed depends on: STANDDOWN_KEY in base64, else the key file. Throws `key-gone` when there
 * is neither, and ConfigError for a value that is no key and for a file that others may read.
 */
export const masterKey = (): Buffer => singleton("seal.master-key", readMasterKey);

function readMasterKey(): Buffer {
  const given = process.env.STANDDOWN_KEY;
  if (given) return parseKey(given, "STANDDOWN_KEY");
  const file = keyFile();
  if (!existsSync(file)) throw new AppError("key-gone", { params: { file, key: "—" } });
  const { mode } = statSync(file);
  if (process.platform !== "win32" && (mode & 0o077) !== 0)
    throw new ConfigError(`${file} may be read by others (mode ${(mode & 0o777).toString(8)}); chmod 600 it`);
  return parseKey(readTextFile(file), file);
}

/** Whether there is a key at all, of whatever worth. */
export const hasMasterKey = (): boolean => Boolean(process.env.STANDDOWN_KEY) || existsSync(keyFile());

/** For a store that holds nothing sealed yet, or whose key is lost on a person's word: makes a key file where there is no key. */
export function ensureMasterKey(): void {
  if (!hasMasterKey()) createKeyFile(keyFile());
}

export const createKey = (): Buffer => randomBytes(KEY_BYTES);

/** Throws ConfigError that names `where`. */
export function parseKey(text: string, where: string): Buffer {
  const key = Buffer.from(text.trim(), "base64"); // trimmed of the mark of an editor too
  if (key.length !== KEY_BYTES)
    throw new ConfigError(`${where}: a key is ${KEY_BYTES} bytes in base64, for example from: openssl rand -base64 32`);
  return key;
}

/** Where a rotation that has not come to its end has put the next key. */
export const nextKeyFile = (): string => `${keyFile()}.next`;

/** The master key, and behind it the next one while a rotation is under way. */
export function masterKeys(): [Buffer, ...Buffer[]] {
  const master = masterKey();
  if (process.env.STANDDOWN_KEY) return [master];
  try {
    return [master, parseKey(readTextFile(nextKeyFile()), nextKeyFile())];
  } catch {
    return [master];
  }
}

/**
 * Writes a key file that only this account can read, and waits until it is on the disk. It gets its name when it is whole:
 * a process that dies here leaves no half of a key. Fails when there is one.
 */
export function writeKeyFile(file: string, key: Buffer): void {
  const draft = `${file}.${randomBytes(6).toString("hex")}.part`;
  try {
    const handle = openSync(draft, "wx", 0o600);
    try {
      writeSync(handle, `${key.toString("base64")}\n`);
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
    linkSync(draft, file); // unlike a rename it never takes the place of another one
  } finally {
    rmSync(draft, { force: true });
  }
  syncFolder(dirname(file));
}

/** A name stands on the disk when its folder does; on Windows a folder cannot be opened. */
function syncFolder(folder: string): void {
  if (process.platform === "win32") return;
  const handle = openSync(folder, "r");
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

/** Two processes may start at once: the first file stands, and both read it. */
function createKeyFile(file: string): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  try {
    writeKeyFile(file, createKey());
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
  }
}

/** A key for one purpose. */
export const deriveKey = (purpose: SealPurpose, master: Buffer = masterKey()): Buffer =>
  Buffer.from(hkdfSync("sha256", master, "standdown", purpose, KEY_BYTES));

/** Names a key without telling it. */
export const keyId = (master: Buffer = masterKey()): string =>
  createHash("sha256").update("standdown key id").update(master).digest("hex").slice(0, 8);

/** AES-256-GCM under a key of its purpose, with a fresh nonce; what comes back tells which key it needs. */
export function seal(purpose: SealPurpose, text: string, master: Buffer = masterKey()): string {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv("aes-256-gcm", deriveKey(purpose, master), nonce);
  const sealed = Buffer.concat([cipher.update(text, "utf8"), cipher.final(), cipher.getAuthTag()]);
  return [VERSION, keyId(master), nonce.toString("base64url"), sealed.toString("base64url")].join(".");
}

/** Id of the key that a sealed text needs. */
export const sealedWith = (sealed: string): string => sealed.split(".")[1] ?? "";

/** null when it was sealed with another key, for another purpose, or changed since. */
export function unseal(purpose: SealPurpose, sealed: string, master: Buffer = masterKey()): string | null {
  const [version, id, nonce = "", body = ""] = sealed.split(".");
  if (version !== VERSION || id !== keyId(master)) return null;
  const bytes = Buffer.from(body, "base64url");
  try {
    const open = createDecipheriv("aes-256-gcm", deriveKey(purpose, master), Buffer.from(nonce, "base64url"));
    open.setAuthTag(bytes.subarray(-TAG_BYTES));
    return Buffer.concat([open.update(bytes.subarray(0, -TAG_BYTES)), open.final()]).toString("utf8");
  } catch {
    return null;
  }
}
