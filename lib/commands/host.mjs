import { createServer } from "node:net";
import { CommandError } from "./command-error.mjs";

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
