import "server-only";
import { connect } from "node:net";
import { parseAddress } from "../address";

const CONNECT_TIMEOUT_MS = 3_000;
/** A port that a dead process left behind takes connections and drops them at once. */
const STAYS_OPEN_MS = 150;

export type Reach = "reached" | "refused" | "silent" | "unroutable";

const UNROUTABLE = new Set(["EHOSTUNREACH", "ENETUNREACH", "EADDRNOTAVAIL", "EHOSTDOWN", "EINVAL"]);

/** Whether something takes a TCP connection there. Sends nothing. */
export function reach(address: string): Promise<Reach> {
  const place = parseAddress(address);
  if (!place) return Promise.resolve("unroutable");
  return new Promise((resolve) => {
    const socket = connect({ host: place.ip, port: place.port });
    const end = (found: Reach) => {
      clearTimeout(patience);
      socket.destroy();
      resolve(found);
    };
    let patience = setTimeout(() => end("silent"), CONNECT_TIMEOUT_MS);
    socket.once("connect", () => {
      clearTimeout(patience);
      patience = setTimeout(() => end("reached"), STAYS_OPEN_MS);
    });
    socket.once("close", () => end("refused"));
    socket.once("error", (error: NodeJS.ErrnoException) => {
      const code = error.code ?? "";
      end(UNROUTABLE.has(code) ? "unroutable" : code === "ETIMEDOUT" ? "silent" : "refused");
    });
  });
}
