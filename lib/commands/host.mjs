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
      if (error.code === "EADDRINUSE")
        return reject(new CommandError(`Port ${port} on ${host} is already in use.`, next));
      const isOurs = error.code === "EACCES";
      const advice = isOurs ? "Choose a port from 1024 on." : "Name an address of this machine, such as 127.0.0.1.";
      reject(new CommandError(`Port ${port} on ${host} cannot be used (${error.message}).`, advice));
    });
    probe.listen(port, host, () => probe.close(() => resolve()));
  });
}
