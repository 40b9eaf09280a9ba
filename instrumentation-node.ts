import { subscribe } from "node:diagnostics_channel";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { config, ConfigError } from "./lib/config";

const LOOPBACK = new Set(["127.0.0.1", "::1", "localhost"]);
/** How long answers under way may take once the console is asked to end. */
const GRACE_MS = 4000;

/** Refuses to run wrongly configured or reachable from elsewhere, and ends cleanly when asked. */
export function prepareServer() {
  const isProduction = process.env.NODE_ENV === "production";
  // The standalone server listens everywhere when HOSTNAME is not set.
  if (isProduction && !LOOPBACK.has(process.env.HOSTNAME ?? "")) {
    refuse(
      `HOSTNAME is "${process.env.HOSTNAME ?? ""}", but the console has no sign-in yet and listens on this machine only.`,
      "Start it with npm start, or set HOSTNAME=127.0.0.1.",
    );
  }
  try {
    config();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    refuse(error.message, "Mend the configuration file (README.md lists its keys) and start again.");
  }
  sortOutUnreadableAddresses();
  if (isProduction) endCleanly();
}

/** Next answers 500 to an address whose percent-encoding is broken; it is led to the page that says "nothing here". */
function sortOutUnreadableAddresses() {
  subscribe("http.server.request.start", (message) => {
    const { request } = message as { request: IncomingMessage }; // as Node documents it
    try {
      decodeURIComponent(request.url ?? "");
    } catch {
      request.url = "/unreadable-address";
    }
  });
}

function refuse(problem: string, next: string): never {
  process.stderr.write(`\n✗ Standdown does not start. ${problem}\n  → ${next}\n`);
  process.exit(1);
}

/** On SIGTERM or SIGINT: take no more connections, let the answers under way be sent, then exit. */
function endCleanly() {
  let server: Server | undefined;
  let isEnding = false;
  const underWay = new Set<ServerResponse>();
  const exitWhenIdle = () => {
    if (isEnding && underWay.size === 0) process.exit(0);
  };
  subscribe("http.server.request.start", (message) => {
    const { server: from, response } = message as { server: Server; response: ServerResponse }; // as Node documents it
    server = from;
    underWay.add(response);
    response.once("close", () => {
      underWay.delete(response);
      exitWhenIdle();
    });
  });
  const end = () => {
    if (isEnding) return;
    isEnding = true;
    server?.close();
    setTimeout(() => process.exit(0), GRACE_MS).unref();
    exitWhenIdle();
  };
  process.on("SIGTERM", end);
  process.on("SIGINT", end);
}
