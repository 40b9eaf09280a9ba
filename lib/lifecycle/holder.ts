import "server-only";
import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";
import type { Store } from "../db/store";
import { leaseEnd, leaseNowMs } from "../db/store-clock";
import { singleton } from "../singleton";

/** A process that has not said for this long that it is there has lost what it holds. Longer than a request stays valid. */
const HOLD_MS = 30_000;

/** This process among all that share the store. A process id is used again, so a word of its own comes with it. */
export const holderName = (): string =>
  singleton("lifecycle.holder", () => [pidPlace(), process.pid, crypto.randomUUID()].join(":"));

/** Until when this process holds what it takes now, as the column `held_until` has it. */
export const holdUntil = (store: Pick<Store, "engine">) => leaseEnd(store, HOLD_MS);

interface Held {
  planId: string;
  holder: string;
  heldUntil: number;
}

/**
 * Whether the process that held something is gone: its lease is over by the store's own count, or it ran where a process id
 * means the same as here, and does no more.
 */
export async function isGone(held: Held): Promise<boolean> {
  const [place, pid] = held.holder.split(":");
  if (held.holder === holderName()) return false;
  const isNeighbour = place !== "" && place === pidPlace();
  if (isNeighbour && (Number(pid) === process.pid || !isRunning(Number(pid)))) return true;
  return (await leaseNowMs()) > held.heldUntil || hasStoodStill(held);
}

/** Leases that others hold, as this process has seen them, and since when by its own steady clock. */
const seen = () => singleton("lifecycle.leases", () => new Map<string, Held & { sinceMs: number }>());
const MOST_SEEN = 1_000;

/** One that nobody has renewed for as long as it lasts is over, whatever it says: its count may be of before a restart. */
function hasStoodStill({ planId, holder, heldUntil }: Held): boolean {
  const leases = seen();
  const before = leases.get(planId);
  if (before?.holder === holder && before.heldUntil === heldUntil) return performance.now() - before.sinceMs > HOLD_MS;
  leases.delete(planId);
  leases.set(planId, { planId, holder, heldUntil, sinceMs: performance.now() });
  const [oldest] = leases.keys();
  if (leases.size > MOST_SEEN && oldest !== undefined) leases.delete(oldest);
  return false;
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
