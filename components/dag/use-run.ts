"use client";

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { createContext, use, useCallback, useEffect, useRef, useSyncExternalStore } from "react";
import { pollMs } from "@/components/ui/poll-ms";
import { isAppError, type Failure } from "@/lib/errors";
import { getJson } from "@/lib/get-json";
import type { Run, RunAnswer, RunTask } from "@/lib/tasks/schema";
import { COORDINATOR, type Age, type Row, type RunStore } from "./run-store";

const LIVE_MS = 1_000;
/** What the servers do after the end changes slowly, and somebody may take the run up again. */
const SETTLED_MS = 5_000;
const BACK_OFF_MS = [1_000, 2_000, 4_000, 8_000, 15_000];
const STALE_MS = 10_000;
/** One lost read is no news; this long without an answer is. */
const OFFLINE_MS = 3_000;

const RunContext = createContext<RunStore | null>(null);
export const RunProvider = RunContext.Provider;

export function useRunStore(): RunStore {
  const store = use(RunContext);
  if (!store) throw new Error("useRunStore needs a RunProvider above it");
  return store;
}

/** Asks for ever: every second, rarely in a hidden tab and once settled, more and more slowly while it fails. */
export function useRunPolling(
  store: RunStore,
  clusterId: string,
  runId: string,
  hope: boolean,
): (look: boolean) => void {
  const failures = useRef(0);
  const looks = useRef(false);
  const client = useQueryClient();
  const paused = useSyncExternalStore(
    store.subscribe("age"),
    () => store.age().paused,
    () => false,
  );
  useQuery({
    queryKey: ["run", clusterId, runId],
    queryFn: async ({ signal }) => {
      const since = store.since();
      const query = new URLSearchParams(since === undefined ? {} : { since: String(since) });
      if (looks.current) query.set("look", "1");
      looks.current = false;
      try {
        store.apply(await getJson<RunAnswer>(`/api/clusters/${clusterId}/runs/${runId}?${query.toString()}`, signal));
        failures.current = 0;
      } catch (error) {
        if (signal.aborted) throw error;
        failures.current += 1;
        store.fail(toFailure(error));
      }
      return Date.now();
    },
    enabled: hope && !paused,
    retry: false,
    networkMode: "always",
    staleTime: 0,
    gcTime: 0,
    notifyOnChangeProps: [],
    refetchIntervalInBackground: true,
    refetchOnWindowFocus: "always",
    refetchOnReconnect: "always",
    refetchInterval: () => nextRead(store.run(), failures.current),
  });
  useEngineTicks(store);
  return useCallback(
    (look: boolean) => {
      looks.current = look;
      void client.refetchQueries({ queryKey: ["run", clusterId, runId] });
    },
    [client, clusterId, runId],
  );
}

function nextRead(run: Run | null, failures: number): number | false {
  if (failures > 0) {
    const base = BACK_OFF_MS[Math.min(failures, BACK_OFF_MS.length) - 1] ?? LIVE_MS;
    return base * (0.8 + Math.random() * 0.4);
  }
  return pollMs(run?.settled ? SETTLED_MS : LIVE_MS);
}

/** Durations tick while the facts are fresh and the run goes on; on old facts they stand still (ux L-5). */
function useEngineTicks(store: RunStore): void {
  useEffect(() => {
    const tick = () => {
      const { asOfMs, paused } = store.age();
      const run = store.run();
      // Of a run whose agent is silent nobody knows that it goes on.
      if (asOfMs === null || paused || document.hidden || run?.settled || run?.state === "UNKNOWN") return;
      if (Date.now() - asOfMs <= STALE_MS) store.clock.tick();
    };
    const timer = setInterval(tick, 1_000);
    return () => clearInterval(timer);
  }, [store]);
}

const toFailure = (error: unknown): Failure =>
  isAppError(error) ? { kind: error.kind, ...error.facts } : { kind: "console-unreachable" };

export function useRun(): Run | null {
  const store = useRunStore();
  return useSyncExternalStore(store.subscribe("run"), store.run, store.run);
}

export function useAge(): Age {
  const store = useRunStore();
  return useSyncExternalStore(store.subscribe("age"), store.age, store.age);
}

export function useRow(agent: string): Row | undefined {
  const store = useRunStore();
  const read = () => store.row(agent);
  return useSyncExternalStore(store.subscribe(`row:${agent}`), read, read);
}

/** Changes with every change of any row: for sums over all of them. */
export function useRowsVersion(): number {
  const store = useRunStore();
  return useSyncExternalStore(store.subscribe("rows"), store.version, store.version);
}

export function useTask(id: string | null): RunTask | undefined {
  const store = useRunStore();
  const agent = id ? store.task(id)?.agent : null;
  const read = () => (id ? store.task(id) : undefined);
  return useSyncExternalStore(store.subscribe(id ? `row:${agent ?? COORDINATOR}` : "run"), read, read);
}

/** Now on the engine's clock. Only what shows a running duration subscribes. */
export function useEngineNow(): number {
  const { clock } = useRunStore();
  return useSyncExternalStore(clock.subscribe, clock.now, clock.first);
}

/** True while what is on screen is too old to be taken for the present (ux L-5). */
export function useIsStale(): boolean {
  const { asOfMs, offlineSinceMs } = useAge();
  const settled = useRun()?.settled ?? false;
  const read = () =>
    asOfMs !== null &&
    !settled &&
    (Date.now() - asOfMs > STALE_MS || (offlineSinceMs !== null && Date.now() - offlineSinceMs > OFFLINE_MS));
  return useSyncExternalStore(subscribeSeconds, read, () => false);
}

function subscribeSeconds(listener: () => void): () => void {
  const timer = setInterval(listener, 1_000);
  return () => clearInterval(timer);
}
