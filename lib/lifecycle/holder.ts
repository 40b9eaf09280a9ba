import "server-only";
import { hostname } from "node:os";
import { singleton } from "../singleton";

/** A process that has not said for this long that it is there has lost what it holds. Longer than a send may take. */
const HOLD_MS = 30_000;

/** This process among all that share the store. A process id is used again, so a word of its own comes with it. */
export const holderName = (): string =>
  singleton("lifecycle.holder", () => [hostname(), process.pid, crypto.randomUUID()].join(":"));

export const holdUntil = (nowMs = Date.now()): number => nowMs + HOLD_MS;

/** Whether the process that held something is gone: it has let the time pass, or it ran on this host and does no more. */
export function isGone({ holder, heldUntil }: { holder: string; heldUntil: number }, nowMs = Date.now()): boolean {
  if (nowMs > heldUntil) return true;
  const [host, pid] = holder.split(":");
  if (host !== hostname() || holder === holderName()) return false;
  return Number(pid) === process.pid || !isRunning(Number(pid));
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Not ours to signal is running all the same.
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
