import "server-only";
import { AppError, nullIfAppError } from "../errors";
import { createAgentClient } from "../obshell/client";
import { createTransport } from "../obshell/transport";
import { identitiesAt } from "./agent-identity";
import { fingerprintOf, knownKeys } from "./known-keys";
import type { Credentials } from "./registry";

const TIMEOUT_MS = 2_000;

/** Whom these addresses lead to. */
export interface Behind {
  /** All agents of their cluster, as the first that answers tells; none when nobody does. */
  members: string[];
  /** What those that answer call themselves, which needs no password: whatever address was typed, this is who it is. */
  selves: string[];
}

/**
 * The agents of the cluster that these addresses belong to. The password goes out once, and to no agent that shows another
 * key than the one that it is known by, at this address or at its own. Remembers nothing: a remembered key makes a member,
 * and whether these are members of that cluster is not settled yet.
 */
export async function membersBehind(
  agents: readonly string[],
  { password, tls, proven }: Credentials,
  knownAs: string | null,
): Promise<Behind> {
  const known = knownAs === null ? null : await knownKeys(knownAs);
  const transport = createTransport({ tls });
  try {
    const identities = await identitiesAt(agents, transport);
    const selves = [...new Set([...identities.values()].flatMap((identity) => identity?.address ?? []))];
    const [first] = [...identities].flatMap(([address, identity]) =>
      identity?.isMember ? [{ address, identity }] : [],
    );
    if (!first) return { members: [], selves };
    const { address, identity } = first;
    const expected = known?.get(address) ?? known?.get(identity.address);
    const pinned = proven?.get(address) ?? identity.publicKey;
    const checkKey = async (publicKey: string) => {
      if (publicKey !== pinned || (expected && expected.fingerprint !== fingerprintOf(publicKey)))
        throw new AppError("agent-key-changed", { params: { address } });
    };
    const client = createAgentClient({ address, transport, password, checkKey });
    // That nobody tells is no reason to refuse: what was typed is compared all the same.
    const members = (await client.agents({ timeoutMs: TIMEOUT_MS }).catch(nullIfAppError)) ?? [];
    return { members, selves };
  } finally {
    await transport.close().catch(() => undefined);
  }
}
