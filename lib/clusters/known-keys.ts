import "server-only";
import { createHash } from "node:crypto";
import { readFileSync, renameSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { config } from "../config";
import { openStore } from "../db/store";
import { storeNow } from "../db/store-clock";
import type { Database } from "../db/tables";
import { AppError } from "../errors";
import { log } from "../log";
import { keyBits } from "../obshell/wire/crypto";
import { singleton } from "../singleton";

export interface KnownKey {
  fingerprint: string;
  /** null for one that was remembered before sizes were. */
  bits: number | null;
  since: string;
  acceptedBy: string | null;
}

/** `first`: never met, now remembered. `changed`: another one than the remembered; refused until it is accepted. */
export interface KeyState {
  state: "known" | "first" | "changed";
  since: string;
}

/** Compares an agent's public key with the one that it had when it was first met, or last accepted. */
export async function compareKey(clusterId: string, address: string, publicKey: string): Promise<KeyState> {
  const db = await keys();
  const fingerprint = fingerprintOf(publicKey);
  const known = await findKey(db, clusterId, address);
  if (known) return { state: known.fingerprint === fingerprint ? "known" : "changed", since: known.since };
  const since = new Date().toISOString();
  await db
    .insertInto("known_key")
    .values({ cluster_id: clusterId, address, fingerprint, bits: keyBits(publicKey), since, accepted_by: null })
    .onConflict((conflict) => conflict.columns(["cluster_id", "address"]).doNothing())
    .execute();
  // Another process may have met it at the same moment, and with another key.
  const kept = await findKey(db, clusterId, address);
  return { state: !kept || kept.fingerprint === fingerprint ? "first" : "changed", since: kept?.since ?? since };
}

/** Remembers the keys of agents that were never met, all at once; one that is known stays as it is. */
export async function rememberKeys(
  clusterId: string,
  published: ReadonlyMap<string, string>,
  on?: Database,
): Promise<void> {
  if (published.size === 0) return;
  const since = new Date().toISOString();
  const rows = [...published].map(([address, publicKey]) => ({
    ...{ cluster_id: clusterId, address, since, accepted_by: null },
    ...{ fingerprint: fingerprintOf(publicKey), bits: keyBits(publicKey) },
  }));
  const db = on ?? (await keys());
  await db
    .insertInto("known_key")
    .values(rows)
    .onConflict((conflict) => conflict.columns(["cluster_id", "address"]).doNothing())
    .execute();
}

/** Asked before anything with a password is sealed for an agent. Throws `agent-key-changed`. */
export async function requireKnownKey(clusterId: string, address: string, publicKey: string): Promise<void> {
  const { state } = await compareKey(clusterId, address, publicKey);
  if (state === "changed") throw new AppError("agent-key-changed", { params: { address } });
}

/** Takes these keys as the right ones of their addresses, on a person's word: after an upgrade or a reinstallation. */
export async function trustKeys(
  clusterId: string,
  published: ReadonlyMap<string, string>,
  acceptedBy: string,
  transaction: Database,
): Promise<void> {
  const since = await storeNow(transaction);
  for (const [address, publicKey] of published) {
    const key = { fingerprint: fingerprintOf(publicKey), bits: keyBits(publicKey), since, accepted_by: acceptedBy };
    await transaction
      .insertInto("known_key")
      .values({ cluster_id: clusterId, address, ...key })
      .onConflict((conflict) => conflict.columns(["cluster_id", "address"]).doUpdateSet(key))
      .execute();
  }
}

/** The remembered keys of a cluster, by agent address. */
export async function knownKeys(clusterId: string): Promise<Map<string, KnownKey>> {
  const db = await keys();
  const rows = await db.selectFrom("known_key").selectAll().where("cluster_id", "=", clusterId).execute();
  return new Map(
    rows.map(({ address, fingerprint, bits, since, accepted_by }) => [
      address,
      { fingerprint, bits, since, acceptedBy: accepted_by },
    ]),
  );
}

/** Forgets the keys of agents that the cluster no longer has: whoever is at such an address now is a stranger. */
export async function forgetKeysBut(clusterId: string, agents: readonly string[], on: Database): Promise<void> {
  await on.deleteFrom("known_key").where("cluster_id", "=", clusterId).where("address", "not in", agents).execute();
}

export const fingerprintOf = (publicKey: string): string => createHash("sha256").update(publicKey).digest("hex");

const findKey = (db: Database, clusterId: string, address: string) =>
  db
    .selectFrom("known_key")
    .select(["fingerprint", "since"])
    .where("cluster_id", "=", clusterId)
    .where("address", "=", address)
    .executeTakeFirst();

/** The store, once the keys that an earlier version kept in a file are in it. */
async function keys(): Promise<Database> {
  const { db } = await openStore();
  const slot = singleton("clusters.known-keys", (): { imported: Promise<void> | null } => ({ imported: null }));
  slot.imported ??= importFile(db).catch((error: unknown) => {
    slot.imported = null;
    throw error;
  });
  await slot.imported;
  return db;
}

const fileSchema = z.record(z.string(), z.object({ fingerprint: z.string(), since: z.string() }));

async function importFile(db: Database): Promise<void> {
  const file = join(config().dataDir, "known-keys.json");
  let remembered: z.infer<typeof fileSchema>;
  try {
    remembered = fileSchema.parse(JSON.parse(readFileSync(file, "utf8")));
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ENOENT"))
      log.warn({ err: error }, "known-keys.json is not readable; keys are learnt anew");
    return;
  }
  for (const [name, { fingerprint, since }] of Object.entries(remembered)) {
    const [clusterId = "", address = ""] = name.split(" ");
    await db
      .insertInto("known_key")
      .values({ cluster_id: clusterId, address, fingerprint, bits: null, since, accepted_by: null })
      .onConflict((conflict) => conflict.columns(["cluster_id", "address"]).doNothing())
      .execute();
  }
  renameSync(file, `${file}.imported`);
}
