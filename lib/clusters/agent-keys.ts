import "server-only";
import type { Database } from "../db/tables";
import { AppError } from "../errors";
import { askEach } from "../in-parallel";
import { keyBits } from "../obshell/wire/crypto";
import { identityOf, isSameAgent } from "./agent-identity";
import { fingerprintOf, knownKeys, trustKeys } from "./known-keys";
import { decideChange } from "./registered";
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
  tell?: Tell,
): Promise<{ accepted: number }> {
  const members = await membersOf(clusterId);
  const stranger = keys.find(({ address }) => !members.has(address));
  if (stranger) throw new AppError("agent-not-in-cluster", { params: { address: stranger.address } });
  const published = await Promise.all(
    keys.map(async ({ address, fingerprint }) => {
      const publicKey = await agentOf(clusterId, address).publicKey({ timeoutMs: KEY_TIMEOUT_MS });
      if (fingerprintOf(publicKey) !== fingerprint) throw new AppError("agent-key-changed", { params: { address } });
      return [address, publicKey] as const;
    }),
  );
  await trustAgents(clusterId, published, by, tell);
  return { accepted: published.length };
}

type Tell = (transaction: Database) => Promise<void>;

/**
 * Takes these keys, all or none, as the right ones of their agents, on a person's word: also at other addresses that led to the same
 * agents before, and at which they show the same keys now.
 */
export async function trustAgents(
  clusterId: string,
  published: readonly (readonly [address: string, publicKey: string])[],
  by: string,
  tell?: Tell,
): Promise<void> {
  const known = await knownKeys(clusterId);
  const before = new Map([...known].map(([address, { fingerprint }]) => [address, fingerprint]));
  const twins: [string, string][] = [];
  for (const [address, publicKey] of published)
    for (const twin of await twinsOf(clusterId, address, publicKey, before)) twins.push([twin, publicKey]);
  await decideChange(clusterId, async (transaction) => {
    await trustKeys(clusterId, new Map([...twins, ...published]), by, transaction);
    await tell?.(transaction);
  });
}

async function twinsOf(
  clusterId: string,
  address: string,
  publicKey: string,
  before: ReadonlyMap<string, string>,
): Promise<string[]> {
  const fingerprint = before.get(address);
  const twins = [...before].flatMap(([other, its]) => (other !== address && its === fingerprint ? [other] : []));
  if (twins.length === 0) return [];
  const self = await identityOf(agentOf(clusterId, address));
  const answering = await askEach(twins, (twin) => identityOf(agentOf(clusterId, twin)));
  return [...answering].flatMap(([twin, identity]) =>
    self?.publicKey === publicKey && identity && isSameAgent(identity, self) ? [twin] : [],
  );
}
