import "server-only";
import { AppError } from "../errors";
import { keyBits } from "../obshell/wire/crypto";
import { fingerprintOf, knownKeys, trustKey } from "./known-keys";
import { agentOf } from "./registry";
import type { AgentKey } from "./schema";
import { membersOf } from "./typed-credentials";

const KEY_TIMEOUT_MS = 3_000;
const AT_ONCE = 32;

/** Asks every known agent for its key, which needs no password. Remembers nothing. */
export async function readAgentKeys(clusterId: string): Promise<AgentKey[]> {
  const known = await knownKeys(clusterId);
  const queue = [...(await membersOf(clusterId))].sort();
  const keys: AgentKey[] = [];
  const worker = async () => {
    for (let address = queue.shift(); address !== undefined; address = queue.shift()) {
      const before = known.get(address) ?? null;
      const shown = await publishedKey(clusterId, address);
      const state = !shown
        ? "silent"
        : !before
          ? "new"
          : before.fingerprint === shown.fingerprint
            ? "known"
            : "changed";
      keys.push({ address, state, known: before, shown });
    }
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, queue.length) }, worker));
  return keys.sort((left, right) => left.address.localeCompare(right.address, "en", { numeric: true }));
}

async function publishedKey(clusterId: string, address: string): Promise<AgentKey["shown"]> {
  try {
    const publicKey = await agentOf(clusterId, address).publicKey({ timeoutMs: KEY_TIMEOUT_MS });
    return { fingerprint: fingerprintOf(publicKey), bits: keyBits(publicKey) };
  } catch {
    return null;
  }
}

/**
 * Takes exactly the keys that the person has seen, of agents of this cluster alone. Throws `agent-not-in-cluster`, and
 * `agent-key-changed` for one that has changed again since.
 */
export async function acceptKeys(
  { clusterId, keys }: { clusterId: string; keys: readonly { address: string; fingerprint: string }[] },
  by: string,
): Promise<{ accepted: number }> {
  const members = await membersOf(clusterId);
  const stranger = keys.find(({ address }) => !members.has(address));
  if (stranger) throw new AppError("agent-not-in-cluster", { params: { address: stranger.address } });
  const published = await Promise.all(
    keys.map(async ({ address, fingerprint }) => {
      const publicKey = await agentOf(clusterId, address).publicKey({ timeoutMs: KEY_TIMEOUT_MS });
      if (fingerprintOf(publicKey) !== fingerprint) throw new AppError("agent-key-changed", { params: { address } });
      return { address, publicKey };
    }),
  );
  for (const { address, publicKey } of published) await trustKey(clusterId, address, publicKey, by);
  return { accepted: published.length };
}
