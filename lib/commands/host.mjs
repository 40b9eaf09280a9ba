import { createServer } from "node:net";
import { CommandError } from "./command-error.mjs";

const LOOPBACK = ["127.0.0.1", "::1", "localhost"];

/**
 * The address to listen on. Until there is sign-in, whoever reaches the console can stop a cluster.
 * @param {string | undefined} wanted
 */
export function readHost(wanted) {
  if (!wanted) return "127.0.0.1";
  if (LOOPBACK.includes(wanted)) return wanted;
  throw new CommandError(
    `STANDDOWN_HOST is “${wanted}”, but the console has no sign-in yet and listens on this machine only.`,
    "Unset STANDDOWN_HOST (127.0.0.1 is the default). To use it from elsewhere: ssh -L 3210:127.0.0.1:3210 HOST",
  );
}

/**
 * @param {string} host
 * @param {number} port
 * @param {string} next
 * @returns {Promise<void>}
 */
export function requireFreePort(host, port, next) {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", (/** @type {NodeJS.ErrnoException} */ error) => {
      const why = error.code === "EADDRINUSE" ? "is already in use" : `cannot be used (${error.message})`;
      reject(new CommandError(`Port ${port} on ${host} ${why}.`, next));
    });
    probe.listen(port, host, () => probe.close(() => resolve()));
  });
}
