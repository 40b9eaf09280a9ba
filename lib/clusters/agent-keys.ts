import "server-only";
import { AppError } from "../errors";
import { askEach } from "../in-parallel";
import { keyBits } from "../obshell/wire/crypto";
import { identityOf, isSameAgent } from "./agent-identity";
import { fingerprintOf, knownKeys, trustKey } from "./known-keys";
import { agentOf } from "./registry";
import type { AgentKey } from "./schema";
import { membersOf } from "./typed-credentials";

const KEY_TIMEOUT_MS = 3_000;
const AT_ONCE = 32;

/** Asks every known agent for its key, which needs no password. Remembers nothing. */
export async function readAgentKeys(clusterId: string): Promise<AgentKey[]> {
  const known = await knownKeys(clusterId);
  const shownBy = await askEach(
    [...(await membersOf(clusterId))],
    (address) => publishedKey(clusterId, address),
    AT_ONCE,
  );
  const keys = [...shownBy].map(([address, shown]): AgentKey => {
    const before = known.get(address) ?? null;
    return { address, state: stateOf(before, shown), known: before, shown };
  });
  return keys.sort((left, right) => left.address.localeCompare(right.address, "en", { numeric: true }));
}

function stateOf(before: AgentKey["known"], shown: AgentKey["shown"]): AgentKey["state"] {
  if (!shown) return "silent";
  if (!before) return "new";
  return before.fingerprint === shown.fingerprint ? "known" : "changed";
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
  for (const { address, publicKey } of published) await trustAgent(clusterId, address, publicKey, by);
  return { accepted: published.length };
}

/**
 * Takes this key as the right one of the agent, on a person's word: also at other addresses that led to the same agent
 * before, and at which it shows the same key now.
 */
export async function trustAgent(clusterId: string, address: string, publicKey: string, by: string): Promise<void> {
  const known = await knownKeys(clusterId);
  const before = known.get(address)?.fingerprint;
  await trustKey(clusterId, address, publicKey, by);
  const twins = [...known].flatMap(([other, { fingerprint }]) =>
    other !== address && fingerprint === before ? [other] : [],
  );
  if (twins.length === 0) return;
  const self = await identityOf(agentOf(clusterId, address));
  const answering = await askEach(twins, (twin) => identityOf(agentOf(clusterId, twin)));
  for (const [twin, identity] of answering)
    if (self?.publicKey === publicKey && identity && isSameAgent(identity, self))
      await trustKey(clusterId, twin, publicKey, by);
}
