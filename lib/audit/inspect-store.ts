import "server-only";
import { statSync } from "node:fs";
import { sql } from "kysely";
import { sqliteReader } from "../db/sqlite";
import { unknownMigrations } from "../db/store";
import type { ChainFault } from "./schema";
import { verifyChain } from "./verify-chain";

/** What is wrong with a file, and what to do about it; the commands print both. */
export class StoreFileError extends Error {
  override name = "StoreFileError";
  constructor(
    problem: string,
    readonly next: string,
  ) {
    super(problem);
  }
}

export interface StoreFacts {
  bytes: number;
  /** Audit entries, and the hash of the last one. */
  count: number;
  hash: string;
  /** The first row that is wrong; null when the chain holds. */
  broken: { seq: number; fault: ChainFault } | null;
}

/**
 * Reads a file of the embedded engine through: sound pages, a schema that this program knows, the audit's chain.
 * `name` is what the messages call it.
 */
export async function inspectStore(file: string, name = file): Promise<StoreFacts> {
  const db = sqliteReader(file);
  try {
    const check = await sql<{ integrity_check: string }>`pragma integrity_check`.execute(db);
    const [first] = check.rows;
    if (first?.integrity_check !== "ok")
      throw new StoreFileError(
        `${name} is damaged: ${first?.integrity_check ?? "nothing can be read"}`,
        "Use another.",
      );
    const tables = await db.introspection.getTables();
    if (!tables.some(({ name }) => name === "audit_head"))
      throw new StoreFileError(`${name} is no store of Standdown`, "Name a file that npm run backup has written.");
    const unknown = await unknownMigrations(db);
    if (unknown.length > 0)
      throw new StoreFileError(
        `${name} was written by a newer Standdown (it knows ${unknown.join(", ")})`,
        "Use that version, or a backup from before the upgrade.",
      );
    const verdict = await verifyChain(db);
    const { seq, hash } = verdict.upTo;
    const broken = verdict.ok ? null : { seq: verdict.seq, fault: verdict.fault };
    return { bytes: statSync(file).size, count: seq, hash, broken };
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "SQLITE_NOTADB")
      throw new StoreFileError(`${name} is no store of Standdown`, "Name a file that npm run backup has written.");
    throw error;
  } finally {
    await db.destroy();
  }
}
