import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

interface Behaviour {
  /** Shows the key of this agent instead. */
  keyOf?: string;
  /** Calls itself this instead. */
  calls?: string;
}

/**
 * For tests: another address that leads to an agent, as a second network card or a translation of addresses does; or a
 * host that says and shows what it likes.
 */
export async function secondAddress(agent: string, behaviour: Behaviour = {}) {
  const set = { ...behaviour };
  const server = createServer((request, response) => {
    const isKey = request.url?.startsWith("/api/v1/secret") ?? false;
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const headers = Object.fromEntries(
        Object.entries(request.headers).filter(
          ([name]) => !/^(host|connection|content-length|transfer-encoding)$/.test(name),
        ),
      ) as Record<string, string>;
      const body = chunks.length > 0 ? { body: Buffer.concat(chunks) } : {};
      fetch(`http://${(isKey && set.keyOf) || agent}${request.url}`, {
        method: request.method ?? "GET",
        headers,
        ...body,
      })
        .then(async (answer) => {
          const text = await answer.text();
          response.writeHead(answer.status, { "content-type": "application/json" });
          response.end(set.calls ? text.replaceAll(`"port":${portOf(agent)}`, `"port":${portOf(set.calls)}`) : text);
        })
        .catch(() => response.destroy());
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo; // a listening TCP server has one
  return {
    address: `127.0.0.1:${port}`,
    become: (next: Behaviour) => Object.assign(set, next),
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

const portOf = (address: string): string => address.slice(address.lastIndexOf(":") + 1);
