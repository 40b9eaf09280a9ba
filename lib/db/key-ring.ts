import "server-only";
import { randomBytes } from "node:crypto";
import { ConfigError } from "../config";
import { AppError } from "../errors";
import { log } from "../log";
import {
  deriveKey,
  ensureMasterKey,
  hasMasterKey,
  keyFile,
  keyId,
  masterKeys,
  seal,
  sealedWith,
  unseal,
  type SealPurpose,
} from "../seal";
import { singleton } from "../singleton";
import { isDuplicate } from "./engine";
import { openStore } from "./store";
import type { Database } from "./tables";

const DATA_KEY_BYTES = 32;

/**
 * The data keys of the store that can be opened. The master key (environment or key file) only seals these, so a new
 * master key means sealing a few bytes anew, and everything derived from a data key stays as it is.
 */
export interface KeyRing {
  /** What is sealed from now on is sealed with it. */
  current: Buffer;
  /** By key id. */
  keys: ReadonlyMap<string, Buffer>;
  /** Ids of master keys that some data keys are sealed with and that are not at hand. */
  needs: string[];
  /** Id of the master key that is at hand. */
  found: string;
}

/**
 * The ring of this process, opened on first use; a store without any data key gets its first. Throws ConfigError on
 * PostgreSQL when the master key at hand opens nothing; on a store of its own the process goes on with a new data key.
 */
export function openKeyRing(): Promise<KeyRing> {
  const slot = singleton("db.key-ring", (): { opening: Promise<KeyRing> | null } => ({ opening: null }));
  slot.opening ??= openRing().catch((error: unknown) => {
    slot.opening = null;
    throw error;
  });
  return slot.opening;
}

/** A key for one purpose that stays the same when the master key is rotated. */
export const storeKey = async (purpose: SealPurpose): Promise<Buffer> =>
  deriveKey(purpose, (await openKeyRing()).current);

async function openRing(): Promise<KeyRing> {
  const { db, engine } = await openStore();
  await requireKey(db);
  const [master, ...pending] = masterKeys();
  const found = keyId(master);
  for (;;) {
    const rows = await db.selectFrom("key_check").selectAll().orderBy("id", "desc").execute();
    const opened = rows.flatMap(({ sealed }) => openRow(sealed, [master, ...pending]) ?? []);
    const atHand = new Set([master, ...pending].map((key) => keyId(key)));
    const needs = [...new Set(rows.map(({ sealed }) => sealedWith(sealed)))].filter((id) => !atHand.has(id));
    const [current] = opened;
    if (current) return { current, keys: new Map(opened.map((key) => [keyId(key), key])), needs, found };
    // What is lost stays in its row: should its master key come back, it opens again.
    if (rows.length > 0) {
      // Others may share the store: a key of its own would end their sessions, and theirs the ones that it begins.
      if (engine === "postgres")
        throw new ConfigError(
          `the secrets in the store cannot be opened: ${describeLoss(needs, found, "run npm run keys -- start-over, then ")}`,
        );
      log.error(`The secrets in the store cannot be opened: ${describeLoss(needs, found)}`);
    }
    await addDataKey(db, (rows[0]?.id ?? 0) + 1, master);
  }
}

/**
 * The first start makes the key file. Beside a store that holds something sealed a missing one is never replaced: throws
 * `key-gone`, with the key that is needed.
 */
export async function requireKey(db: Database): Promise<void> {
  if (hasMasterKey()) return;
  const rows = await db.selectFrom("key_check").select("sealed").orderBy("id", "desc").execute();
  const needs = [...new Set(rows.map(({ sealed }) => sealedWith(sealed)))];
  if (needs.length > 0) throw new AppError("key-gone", { params: { file: keyFile(), key: needs.join(", ") } });
  ensureMasterKey();
}

/** What to do about a lost key, for the log and the terminal; `first` is what comes before all else. */
export const describeLoss = (needs: readonly string[], found: string, first = ""): string =>
  `they were sealed under master key ${needs.join(", ")}, and the one found is ${found}. ` +
  `Put the right key into STANDDOWN_KEY or the key file and start again; ` +
  `if it is gone for good, ${first}enter the clusters' credentials again in their settings. Everybody is signed out; ` +
  `whoever has a second factor signs in again after: npm run admin -- reset-password NAME`;

/**
 * Goes on with the master key that is at hand though it opens nothing: the store gets another data key, and what only
 * the lost one opens waits for it. Throws ConfigError when something opens, because then nothing is lost.
 */
export async function startOver(): Promise<{ needs: string[]; found: string }> {
  const { db } = await openStore();
  const rows = await db.selectFrom("key_check").selectAll().orderBy("id", "desc").execute();
  ensureMasterKey();
  const masters = masterKeys();
  const found = keyId(masters[0]);
  if (rows.length === 0 || rows.some(({ sealed }) => openRow(sealed, masters) !== null))
    throw new ConfigError(`nothing is lost: master key ${found} is the right one`);
  await addDataKey(db, (rows[0]?.id ?? 0) + 1, masters[0]);
  return { needs: [...new Set(rows.map(({ sealed }) => sealedWith(sealed)))], found };
}

function openRow(sealed: string, masters: readonly Buffer[]): Buffer | null {
  for (const master of masters) {
    const opened = unseal("key-check", sealed, master);
    if (opened !== null) return Buffer.from(opened, "base64");
  }
  return null;
}

/** Two processes may come to it at once: the row of the first stands, and both read it. */
async function addDataKey(db: Database, id: number, master: Buffer): Promise<void> {
  const sealed = seal("key-check", randomBytes(DATA_KEY_BYTES).toString("base64"), master);
  try {
    await db.insertInto("key_check").values({ id, sealed }).execute();
  } catch (error) {
    if (!isDuplicate(error)) throw error;
  }
}
