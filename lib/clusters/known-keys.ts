import "server-only";
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { config } from "../config";
import { log } from "../log";
import { singleton } from "../singleton";

const fileSchema = z.record(z.string(), z.object({ fingerprint: z.string(), since: z.string() }));
type KnownKeys = z.infer<typeof fileSchema>;

const path = () => join(config().dataDir, "known-keys.json");

const keys = () =>
  singleton("clusters.known-keys", (): KnownKeys => {
    try {
      return fileSchema.parse(JSON.parse(readFileSync(path(), "utf8")));
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "ENOENT"))
        log.warn({ err: error }, "known-keys.json is not readable; keys are learnt anew");
      return {};
    }
  });

/**
 * Compares an agent's public key with the one it had when it was first met. `first`: never met, now remembered.
 * `changed`: another key than the remembered one; it stays refused until it is trusted (`trustKey`).
 */
export function compareKey(
  clusterId: string,
  address: string,
  publicKey: string,
): { state: "known" | "first" | "changed"; since: string } {
  const known = keys()[`${clusterId} ${address}`];
  if (!known) return { state: "first", since: remember(clusterId, address, publicKey) };
  return { state: known.fingerprint === fingerprintOf(publicKey) ? "known" : "changed", since: known.since };
}

/** Takes the agent's present key as the right one, after an upgrade or a reinstallation. */
export const trustKey = (clusterId: string, address: string, publicKey: string): string =>
  remember(clusterId, address, publicKey);

const fingerprintOf = (publicKey: string): string => createHash("sha256").update(publicKey).digest("hex");

function remember(clusterId: string, address: string, publicKey: string): string {
  const since = new Date().toISOString();
  keys()[`${clusterId} ${address}`] = { fingerprint: fingerprintOf(publicKey), since };
  try {
    mkdirSync(config().dataDir, { recursive: true, mode: 0o700 });
    writeFileSync(`${path()}.new`, JSON.stringify(keys(), null, 2), { mode: 0o600 });
    renameSync(`${path()}.new`, path());
  } catch (error) {
    log.warn({ err: error }, "known-keys.json cannot be written; keys are known until the console ends");
  }
  return since;
}
