"use client";

import { useCallback, useSyncExternalStore } from "react";
import type { Method } from "@/lib/lifecycle/schema";

const IDLE_MS = 15 * 60_000;
const FORCE_IDLE_MS = 10 * 60_000;
const NONE: ReadonlySet<string> = new Set();

const listeners = new Set<() => void>();
const selections = new Map<string, ReadonlySet<string>>();
const key = (clusterId: string) => `standdown.selection.${clusterId}`;
const tell = () => listeners.forEach((listener) => listener());
const subscribe = (listener: () => void) => {
  listeners.add(listener);
  return () => void listeners.delete(listener);
};

function stored(clusterId: string): ReadonlySet<string> {
  try {
    const saved: unknown = JSON.parse(sessionStorage.getItem(key(clusterId)) ?? "null");
    if (typeof saved !== "object" || saved === null || !("at" in saved) || !("servers" in saved)) return NONE;
    if (typeof saved.at !== "number" || Date.now() - saved.at > IDLE_MS || !Array.isArray(saved.servers)) return NONE;
    return new Set(saved.servers.filter((server): server is string => typeof server === "string"));
  } catch {
    return NONE; // storage is off or holds something else: start with nothing selected
  }
}

/** The servers picked on a cluster in this tab. Kept through refresh and reload, dropped after 15 min without input (ux K-12). */
export function readSelection(clusterId: string): ReadonlySet<string> {
  let selection = selections.get(clusterId);
  if (!selection) selections.set(clusterId, (selection = stored(clusterId)));
  return selection;
}

export function writeSelection(clusterId: string, servers: Iterable<string>): void {
  const selection = new Set(servers);
  selections.set(clusterId, selection);
  try {
    sessionStorage.setItem(key(clusterId), JSON.stringify({ at: Date.now(), servers: [...selection] }));
  } catch {
    // The selection still lives in memory; only a reload would lose it.
  }
  tell();
}

export function useSelection(clusterId: string): [ReadonlySet<string>, (servers: Iterable<string>) => void] {
  const selection = useSyncExternalStore(
    subscribe,
    () => readSelection(clusterId),
    () => NONE,
  );
  const write = useCallback((servers: Iterable<string>) => writeSelection(clusterId, servers), [clusterId]);
  return [selection, write];
}

let chosen: { clusterId: string; method: Method; at: number } | null = null;

/** The method chosen for the next plan. In memory alone: a reload, another tab or a link never carries it (ux P5, F-2). */
export function readMethod(clusterId: string): Method {
  if (chosen?.clusterId !== clusterId) return "stop";
  if (chosen.method === "force" && Date.now() - chosen.at > FORCE_IDLE_MS) return "stop";
  return chosen.method;
}

export function writeMethod(clusterId: string, method: Method): void {
  chosen = { clusterId, method, at: Date.now() };
  tell();
}

/** Back to the default: on arriving at the picker, on changing the cluster, after a submit, after "Start over". */
export function resetMethod(): void {
  chosen = null;
  followed = null;
  tell();
}

export function useMethod(clusterId: string): [Method, (method: Method) => void] {
  const method = useSyncExternalStore(
    subscribe,
    () => readMethod(clusterId),
    () => "stop" as const,
  );
  const write = useCallback((next: Method) => writeMethod(clusterId, next), [clusterId]);
  return [method, write];
}

/** A stop that follows up a run (ux §11): the stop page makes its plan from this instead of from the selection. */
export interface FollowUp {
  servers: readonly string[];
  /** Force for an escalation alone. */
  method?: Method;
  /** The run that it follows up. */
  continues: string;
  /** Escalation: this run is cancelled before the stop is sent. */
  cancels?: string;
}

const FOLLOW_UP_MS = 60_000;
let followed: { clusterId: string; followUp: FollowUp; at: number } | null = null;

/** Call right before going to `/clusters/:cluster/stop`. In memory, used once, and gone with whatever drops Force. */
export function followUp(clusterId: string, request: FollowUp): void {
  writeSelection(clusterId, request.servers);
  writeMethod(clusterId, request.method ?? "stop");
  followed = { clusterId, followUp: request, at: Date.now() };
}

/** What the stop page was opened for, once; null when it was opened from the selection. */
export function takeFollowUp(clusterId: string): FollowUp | null {
  const taken = followed;
  followed = null;
  return taken?.clusterId === clusterId && Date.now() - taken.at < FOLLOW_UP_MS ? taken.followUp : null;
}
