import "server-only";
import { canonicalAddress } from "../address";
import { nullIfAppError } from "../errors";
import { askEach } from "../in-parallel";
import { createAgentClient, type AgentClient } from "../obshell/client";
import type { Transport } from "../obshell/transport";

const TIMEOUT_MS = 2_000;

/**
 * Which agent answers at an address: by what it calls itself and by its key, whatever address leads to it. A host with
 * two network cards, or behind a translation of addresses, has several.
 */
export interface AgentIdentity {
  /** Its own address, canonical. */
  address: string;
  publicKey: string;
  /** Whether it says that it belongs to a cluster. */
  isMember: boolean;
}

/** Asked without a password; null when nobody tells. */
export async function identityOf(agent: AgentClient, timeoutMs = TIMEOUT_MS): Promise<AgentIdentity | null> {
  const told = await Promise.all([agent.status({ timeoutMs }), agent.publicKey({ timeoutMs })]).catch(nullIfAppError);
  if (!told) return null;
  const [{ address, identity }, publicKey] = told;
  return { address: canonicalAddress(address), publicKey, isMember: identity === "CLUSTER AGENT" };
}

/** Who answers at these addresses, each asked once and all at a time. */
export const identitiesAt = (
  addresses: readonly string[],
  transport: Transport,
): Promise<Map<string, AgentIdentity | null>> =>
  askEach(addresses, (address) => identityOf(createAgentClient({ address, transport, password: "" })));

type Proof = Pick<AgentIdentity, "address" | "publicKey">;

export const isSameAgent = (one: Proof, other: Proof): boolean =>
  one.address === other.address && one.publicKey === other.publicKey;
