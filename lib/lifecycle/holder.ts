import "server-only";
import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";
import { singleton } from "../singleton";

/** A process that has not said for this long that it is there has lost what it holds. Longer than a send may take. */
const HOLD_MS = 30_000;

/** This process among all that share the store. A process id is used again, so a word of its own comes with it. */
export const holderName = (): string =>
  singleton("lifecycle.holder", () => [pidPlace(), process.pid, crypto.randomUUID()].join(":"));

export const holdUntil = (nowMs = Date.now()): number => nowMs + HOLD_MS;

/**
 * Whether the process that held something is gone: it has let the time pass, or it ran where a process id means the same
 * as here, and does no more. Of a process elsewhere only the time tells.
 */
export function isGone({ holder, heldUntil }: { holder: string; heldUntil: number }, nowMs = Date.now()): boolean {
  if (nowMs > heldUntil) return true;
  const [place, pid] = holder.split(":");
  if (place === "" || place !== pidPlace() || holder === holderName()) return false;
  return Number(pid) === process.pid || !isRunning(Number(pid));
}

/**
 * Where a process id names one process: containers have ids of their own, and may share a host name. Empty where that
 * cannot be told; other systems than Linux have one row of ids per host.
 */
export const pidPlace = (): string =>
  singleton("lifecycle.pid-place", () => {
    if (process.platform !== "linux") return hostname().replaceAll(":", "-");
    try {
      const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
      const [namespace] = /\d+/.exec(readlinkSync("/proc/self/ns/pid")) ?? [];
      return boot === "" || namespace === undefined ? "" : `${hostname()}/${boot}/${namespace}`;
    } catch {
      return "";
    }
  });

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Not ours to signal is running all the same.
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
