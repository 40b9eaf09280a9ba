import "server-only";
import { nullIfAppError } from "../errors";
import { inParallel } from "../in-parallel";
import { log } from "../log";
import { singleton } from "../singleton";
import { knownKeys, rememberKeys } from "./known-keys";
import { agentOf } from "./registry";

const KEY_TIMEOUT_MS = 3_000;
const AT_ONCE = 8;
/** Engines take so many values in one statement. */
const WRITTEN_AT_ONCE = 1_000;

interface Remembered {
  addresses: Set<string>;
  going: boolean;
}
const remembered = () => singleton("clusters.met", () => new Map<string, Remembered>());

/**
 * Agents that this cluster was met with before, by this process or another one: their keys are known. They are asked when
 * those that were registered are gone. null when the store does not answer, for that must not keep anybody from looking.
 */
export async function recallMembers(clusterId: string): Promise<string[] | null> {
  try {
    const known = [...(await knownKeys(clusterId)).keys()];
    remembered().set(clusterId, { addresses: new Set(known), going: false });
    return known;
  } catch (error) {
    log.warn({ clusterId, err: error }, "agents that were met before could not be read");
    return null;
  }
}

/** Keeps the keys of members that were not met before, in the background: asked a few at a time, written together. */
export function rememberMembers(clusterId: string, members: readonly string[]): void {
  const memory = remembered().get(clusterId);
  if (!memory || memory.going) return;
  const fresh = members.filter((address) => !memory.addresses.has(address)).slice(0, WRITTEN_AT_ONCE);
  if (fresh.length === 0) return;
  memory.going = true;
  keep(clusterId, fresh, memory)
    .then((kept) => kept.forEach((address) => memory.addresses.add(address)))
    .catch((error: unknown) => log.warn({ clusterId, err: error }, "met agents could not be kept"))
    .finally(() => (memory.going = false));
}

async function keep(clusterId: string, members: readonly string[], memory: Remembered): Promise<string[]> {
  const published = new Map<string, string>();
  await inParallel(
    members,
    async (address) => {
      const publicKey = await agentOf(clusterId, address)
        .publicKey({ timeoutMs: KEY_TIMEOUT_MS })
        .catch(nullIfAppError);
      if (publicKey !== null) published.set(address, publicKey);
    },
    AT_ONCE,
  );
  // What a changed registration has forgotten meanwhile is not brought back.
  if (remembered().get(clusterId) !== memory) return [];
  await rememberKeys(clusterId, published);
  return [...published.keys()];
}
