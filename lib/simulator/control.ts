import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { z } from "zod";
import type { Simulator } from "./cluster";
import { MOMENTS } from "./dag";
import { faultSchema } from "./fault";

const faultRequest = z.object({ address: z.string(), fault: faultSchema, on: z.boolean().default(true) });
/** Faults that come, or go, when the next run begins a stage. */
const momentRequest = z.object({ stage: z.enum(MOMENTS), faults: z.array(faultRequest) });
const observerRequest = z.object({
  address: z.string(),
  state: z.enum(["serving", "service-stopped", "process-stopped"]),
});

/** A loopback door for people and test programs outside this process: set faults, change observers, read requests. */
export async function openControl(simulator: Simulator): Promise<{ url: string; close(): Promise<void> }> {
  const server: Server = createServer((request, response) => {
    operate(simulator, request)
      .then((answer) => send(response, 200, answer))
      .catch((error: unknown) =>
        send(response, 400, { error: error instanceof Error ? error.message : String(error) }),
      );
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  const port = typeof address === "object" && address ? address.port : 0;
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { url: `http://127.0.0.1:${port}`, close };
}

async function operate(simulator: Simulator, request: IncomingMessage): Promise<unknown> {
  const body = await readJson(request);
  switch (`${request.method} ${request.url}`) {
    case "POST /faults": {
      const { address, fault, on } = faultRequest.parse(body);
      simulator.setFault(address, fault, on);
      return { ok: true };
    }
    case "POST /moments": {
      const { stage, faults } = momentRequest.parse(body);
      simulator.when({ stage }, () => {
        for (const { address, fault, on } of faults) simulator.setFault(address, fault, on);
      });
      return { ok: true };
    }
    case "DELETE /faults":
      simulator.clearFaults();
      return { ok: true };
    case "POST /observers": {
      const { address, state } = observerRequest.parse(body);
      simulator.setObserver(address, state);
      return { ok: true };
    }
    case "GET /requests":
      return simulator.requests;
    case "GET /peer-requests":
      return simulator.peerRequests;
    default:
      throw new Error(
        "use POST /faults, DELETE /faults, POST /moments, POST /observers, GET /requests or GET /peer-requests",
      );
  }
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  const text = Buffer.concat(chunks).toString("utf8");
  return text === "" ? {} : JSON.parse(text);
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(body));
}
