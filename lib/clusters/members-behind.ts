import "server-only";
import { isAppError } from "../errors";
import { createAgentClient } from "../obshell/client";
import { createTransport } from "../obshell/transport";
import type { Credentials } from "./registry";
import { requireKnownKey } from "./known-keys";

const TIMEOUT_MS = 2_000;

/**
 * The agents of the cluster that these addresses belong to, as the first that answers tells; none when nobody does. The
 * password goes out once, and to no agent of a known cluster that shows another key.
 */
export async function membersBehind(
  agents: readonly string[],
  { password, tls }: Credentials,
  knownAs: string | null,
): Promise<string[]> {
  const transport = createTransport({ tls });
  const limits = { timeoutMs: TIMEOUT_MS };
  const clientOf = (address: string) =>
    createAgentClient({
      ...{ address, transport, password },
      ...(knownAs === null ? {} : { checkKey: (publicKey) => requireKnownKey(knownAs, address, publicKey) }),
    });
  try {
    const answering = await Promise.any(
      agents.map(async (address) => {
        const client = clientOf(address);
        const { identity } = await client.status(limits);
        if (identity !== "CLUSTER AGENT") throw new Error("it belongs to no cluster");
        return client;
      }),
    );
    return await answering.agents(limits);
  } catch (error) {
    // That nobody tells is no reason to refuse: what was typed is compared all the same.
    if (isAppError(error) || error instanceof AggregateError) return [];
    throw error;
  } finally {
    await transport.close().catch(() => undefined);
  }
}
