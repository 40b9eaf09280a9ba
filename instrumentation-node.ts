import { subscribe } from "node:diagnostics_channel";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { openJournal } from "./lib/audit/open-journal";
import { ensureFirstAdministrator } from "./lib/auth/first-administrator";
import { refreshClusters, watchClusters } from "./lib/clusters/refresh-clusters";
import { config, ConfigError } from "./lib/config";
import { openKeyRing } from "./lib/db/key-ring";
import { openStore, storeFile } from "./lib/db/store";
import { failureText } from "./lib/failure-text";
import { arrivalMark, proxyList, settleArrival } from "./lib/gate/peer";
import { requirePrivateWay } from "./lib/gate/private-way";
import { watchIntents } from "./lib/lifecycle/watch-intents";

/** How long answers under way may take once the console is asked to end. */
const GRACE_MS = 4000;

/** Refuses to run wrongly configured, without its store, or open to everybody; and ends cleanly when asked. */
export async function prepareServer() {
  const isProduction = process.env.NODE_ENV === "production";
  try {
    if (isProduction) requirePrivateWay(process.env.HOSTNAME, config());
    settleArrivals();
    if (isProduction) endCleanly();
    await openStore();
    await openKeyRing(); // what the store holds can be opened, or says what is missing
    await openJournal(); // takes over the file of an earlier version before anything new is written
    if ((await ensureFirstAdministrator()) === "missing") sayHowToSignIn();
    await refreshClusters();
    watchClusters();
    watchIntents();
  } catch (error) {
    if (error instanceof ConfigError)
      refuse(error.message, "Mend what is named (README.md lists every key) and start again.");
    const told = failureText(error);
    if (told) refuse(told.problem, told.next);
    refuse(
      `Its store cannot be opened: ${error instanceof Error ? error.message : String(error)}`,
      process.env.DATABASE_URL
        ? "Check DATABASE_URL and that its PostgreSQL runs, and start again."
        : `Check ${storeFile()}: whether this account may write to it and its folder, the disk has space, and no program holds it. Then start again.`,
    );
  }
}

/** Before Next reads a request: who asks is settled, and an address with broken percent-encoding leads to "nothing here". */
function settleArrivals() {
  const trusted = proxyList(config().trustedProxies);
  subscribe("http.server.request.start", (message) => {
    const { request } = message as { request: IncomingMessage }; // as Node documents it
    try {
      decodeURIComponent(request.url ?? "");
    } catch {
      request.url = "/unreadable-address"; // Next would answer 500
    }
    const { headers, url, socket } = request;
    settleArrival({ headers, url, remoteAddress: socket.remoteAddress }, trusted, arrivalMark());
  });
}

function sayHowToSignIn() {
  process.stderr.write(
    "\nNobody can sign in yet. Make the first administrator: npm run admin -- create NAME\n" +
      "(or set STANDDOWN_ADMIN_NAME and STANDDOWN_ADMIN_PASSWORD before the first start)\n",
  );
}

function refuse(problem: string, next: string): never {
  process.stderr.write(`\n✗ Standdown does not start. ${problem}\n  → ${next}\n`);
  process.exit(1);
}

/** On SIGTERM, SIGINT or SIGHUP: take no more connections, let the answers under way be sent, then exit. */
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
  for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) process.on(signal, end);
}
