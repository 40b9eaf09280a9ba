"use client";

import { useEffect, useMemo, useState } from "react";
import { useSelection } from "@/components/lifecycle/selection-store";
import { hasAgent } from "@/lib/clusters/has-agent";
import type { Server, ServerState } from "@/lib/clusters/schema";

const IDLE_MS = 15 * 60_000;

export interface Dropped {
  address: string;
  /** Why it cannot be stopped any more: what it does, that nothing reaches it, or that it left the cluster. */
  why: ServerState | "agentless" | "gone";
}

const isDropped = (server: Server | undefined): boolean =>
  server === undefined || !hasAgent(server) || server.state === "PROCESS_STOPPED" || server.state === "DELETING";

/** One that has lost its agent goes by another name: the only one on its host. */
export function whyDropped(address: string, server: Server | undefined, servers: readonly Server[]): Dropped["why"] {
  if (server) return hasAgent(server) ? server.state : "agentless";
  const host = address.slice(0, address.lastIndexOf(":"));
  const [only, another] = servers.filter(({ ip }) => ip === host || `[${ip}]` === host);
  return only && !another && !hasAgent(only) ? "agentless" : "gone";
}

/**
 * The selection as it may be used: servers that need no stopping any more, or cannot be stopped, leave it with a message, those whose state
 * changed since they were picked stay and are named until they were looked at again (ux K-6, K-12).
 */
export function useSelectionCare(clusterId: string, servers: readonly Server[]) {
  const [stored, write] = useSelection(clusterId);
  const [seen, setSeen] = useState<ReadonlyMap<string, ServerState>>(new Map());
  const [dropped, setDropped] = useState<readonly Dropped[]>([]);
  const [expired, setExpired] = useState(0);

  const byAddress = useMemo(() => new Map(servers.map((server) => [server.address, server])), [servers]);
  const gone = useMemo(() => [...stored].filter((address) => isDropped(byAddress.get(address))), [stored, byAddress]);
  const selection = useMemo(
    () => (gone.length === 0 ? stored : new Set([...stored].filter((address) => !gone.includes(address)))),
    [stored, gone],
  );

  // Set while drawing, so that no frame shows a picked server without the state it was picked in.
  const [known, setKnown] = useState({ selection, gone });
  if (known.selection !== selection || known.gone !== gone) {
    setKnown({ selection, gone });
    if (gone.length > 0)
      setDropped(gone.map((address) => ({ address, why: whyDropped(address, byAddress.get(address), servers) })));
    setSeen(
      new Map(
        [...selection].flatMap((address) => {
          const state = seen.get(address) ?? byAddress.get(address)?.state;
          return state ? [[address, state] as const] : [];
        }),
      ),
    );
  }
  useEffect(() => {
    if (gone.length > 0) write(selection);
  }, [gone, selection, write]);

  const picked = selection.size;
  useEffect(() => {
    if (picked === 0) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const wait = () => {
      clearTimeout(timer);
      timer = setTimeout(() => {
        setExpired(picked);
        write([]);
      }, IDLE_MS);
    };
    wait();
    window.addEventListener("keydown", wait);
    window.addEventListener("pointerdown", wait);
    return () => {
      clearTimeout(timer);
      window.removeEventListener("keydown", wait);
      window.removeEventListener("pointerdown", wait);
    };
  }, [picked, write]);

  const changed = useMemo(() => {
    const found = new Map<string, ServerState>();
    for (const [address, before] of seen) {
      if (selection.has(address) && byAddress.get(address)?.state !== before) found.set(address, before);
    }
    return found;
  }, [seen, selection, byAddress]);

  return {
    selection,
    write,
    byAddress,
    /** State when picked, of those that have another one now. */
    changed,
    markSeen: () => setSeen(new Map([...selection].map((one) => [one, byAddress.get(one)?.state ?? "NOT_REPORTED"]))),
    dropped,
    expired,
    dismiss: () => {
      setDropped([]);
      setExpired(0);
    },
  };
}
