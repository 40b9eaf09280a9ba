import "server-only";
import { createHmac, randomBytes } from "node:crypto";
import { singleton } from "../singleton";

const FORGET_AFTER_MS = 30_000;

/** Keyed hash, so that the process keeps no second copy of a password. */
const memory = () =>
  singleton("obshell.rejected-passwords", () => ({ secret: randomBytes(32), untilMs: new Map<string, number>() }));

const keyOf = (address: string, password: string): string =>
  `${address} ${createHmac("sha256", memory().secret).update(password).digest("base64")}`;

/**
 * Passwords that an agent rejected a moment ago. Every wrong password makes the agent try a real login at its
 * database, so a poll must not carry the same one there again and again. Source: OBShell protocol §3.4.
 */
export const rejectedPasswords = {
  add(address: string, password: string, nowMs: number): void {
    const { untilMs } = memory();
    for (const [key, until] of untilMs) if (until <= nowMs) untilMs.delete(key);
    untilMs.set(keyOf(address, password), nowMs + FORGET_AFTER_MS);
  },
  has(address: string, password: string, nowMs: number): boolean {
    return nowMs < (memory().untilMs.get(keyOf(address, password)) ?? 0);
  },
};
