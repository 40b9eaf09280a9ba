import "server-only";
import { AppError, isAppError } from "../errors";
import { createAgentClient } from "../obshell/client";
import { createTransport } from "../obshell/transport";
import { fingerprintOf, knownKeys } from "./known-keys";
import type { Credentials } from "./registry";

const TIMEOUT_MS = 2_000;

/**
 * The agents of the cluster that these addresses belong to, as the first that answers tells; none when nobody does. The
 * password goes out once, and to no agent of a known cluster that shows another key. Remembers nothing: a remembered key
 * makes a member, and whether these are members of that cluster is not settled yet.
 */
export async function membersBehind(
  agents: readonly string[],
  { password, tls }: Credentials,
  knownAs: string | null,
): Promise<string[]> {
  const known = knownAs === null ? null : await knownKeys(knownAs);
  const transport = createTransport({ tls });
  const limits = { timeoutMs: TIMEOUT_MS };
  const clientOf = (address: string) => {
    const checkKey = async (publicKey: string) => {
      const key = known?.get(address);
      if (key && key.fingerprint !== fingerprintOf(publicKey))
        throw new AppError("agent-key-changed", { params: { address } });
    };
    return createAgentClient({ address, transport, password, checkKey });
  };
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
