import "server-only";
import { existsSync, linkSync, renameSync } from "node:fs";
import { ConfigError } from "../config";
import {
  createKey,
  keyFile,
  keyId,
  masterKey,
  nextKeyFile,
  parseKey,
  seal,
  sealedWith,
  unseal,
  writeKeyFile,
} from "../seal";
import { readTextFile } from "../text-file";
import { requireKey } from "./key-ring";
import { openStore } from "./store";
import type { Database } from "./tables";

export interface Rotation {
  from: string;
  to: string;
  /** Data keys that are sealed with the new master key now; 0 when an interrupted rotation had already done it. */
  resealed: number;
  /** Where the old key file was put aside; null when the key comes from the environment. */
  oldFile: string | null;
}

/**
 * Seals the data keys with another master key: STANDDOWN_NEW_KEY, or a fresh one. What they seal stays as it is, so a
 * console that is running goes on. The next key is on the disk before anything is sealed with it, all data keys change
 * in one transaction, and the key file is replaced last: cut off anywhere, it is mended by being run again, and the
 * console starts in between. `record` is part of the transaction.
 */
export async function rotateMasterKey(record: (on: Database, rotation: Rotation) => Promise<void>): Promise<Rotation> {
  const inFile = !process.env.STANDDOWN_KEY;
  const old = masterKey();
  const next = nextKey(inFile);
  if (next.equals(old)) throw new ConfigError("STANDDOWN_NEW_KEY is the key that is in use; give another one");
  const { db } = await openStore();
  const rotation: Rotation = { from: keyId(old), to: keyId(next), resealed: 0, oldFile: null };
  await db.transaction().execute(async (transaction) => {
    for (const { id, sealed } of await transaction.selectFrom("key_check").selectAll().execute()) {
      const dataKey = unseal("key-check", sealed, old);
      if (dataKey === null) continue; // sealed with the next key already, or lost: a lost one stays for its own key
      const resealed = seal("key-check", dataKey, next);
      await transaction.updateTable("key_check").set({ sealed: resealed }).where("id", "=", id).execute();
      rotation.resealed += 1;
    }
    if (rotation.resealed > 0) await record(transaction, rotation);
  });
  if (inFile) rotation.oldFile = replaceKeyFile(rotation.from);
  return rotation;
}

function nextKey(inFile: boolean): Buffer {
  const given = process.env.STANDDOWN_NEW_KEY;
  if (!inFile) {
    if (given) return parseKey(given, "STANDDOWN_NEW_KEY");
    throw new ConfigError(
      "the key comes from STANDDOWN_KEY; give the new one in STANDDOWN_NEW_KEY (openssl rand -base64 32)",
    );
  }
  const file = nextKeyFile();
  if (!existsSync(file)) writeKeyFile(file, given ? parseKey(given, "STANDDOWN_NEW_KEY") : createKey());
  return parseKey(readTextFile(file), file);
}

/** There is a key file at every moment: the old one gets a second name, then the next one takes its first. */
function replaceKeyFile(oldId: string): string {
  const aside = `${keyFile()}.${oldId}`;
  if (!existsSync(aside)) linkSync(keyFile(), aside);
  renameSync(nextKeyFile(), keyFile());
  return aside;
}

export interface KeyStatus {
  engine: string;
  /** The master key that was found, and where. */
  found: { id: string; where: string };
  /** Newest first. */
  dataKeys: { id: number; sealedWith: string; opens: boolean }[];
  isRotationUnfinished: boolean;
}

/** What the store needs and what is there; changes nothing. */
export async function readKeyStatus(): Promise<KeyStatus> {
  const { db, engine } = await openStore();
  await requireKey(db);
  const master = masterKey();
  const rows = await db.selectFrom("key_check").selectAll().orderBy("id", "desc").execute();
  return {
    engine,
    found: { id: keyId(master), where: process.env.STANDDOWN_KEY ? "STANDDOWN_KEY" : keyFile() },
    dataKeys: rows.map(({ id, sealed }) => ({
      id,
      sealedWith: sealedWith(sealed),
      opens: unseal("key-check", sealed, master) !== null,
    })),
    isRotationUnfinished: !process.env.STANDDOWN_KEY && existsSync(nextKeyFile()),
  };
}
