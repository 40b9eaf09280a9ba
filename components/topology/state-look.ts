import type { Mark } from "@/components/ui/state-mark";
import type { ServerState } from "@/lib/clusters/schema";
import { keysOf } from "@/lib/keys-of";

/** The worst news first, which is the order in which states are counted, drawn and offered (ux P6). */
export const STATE_MARK: Record<ServerState, Mark> = {
  UNAVAILABLE: "unavailable",
  NOT_REPORTED: "unknown",
  STOPPING: "changing",
  STARTING: "changing",
  NOT_SERVING_YET: "waiting",
  SERVICE_STOPPED: "serviceStopped",
  PROCESS_STOPPED: "processStopped",
  DELETING: "deleting",
  SERVICE_NOT_REPORTED: "runs",
  SERVING: "serving",
};
export const STATES = keysOf(STATE_MARK);

/** The lane on the left edge repeats the state as a texture; it is never the only sign of it. */
export const STATE_LANE: Record<ServerState, string> = {
  SERVING: "bg-done",
  SERVICE_NOT_REPORTED: "border border-dashed border-line-strong bg-panel",
  NOT_SERVING_YET: "border border-dashed border-run bg-panel",
  SERVICE_STOPPED: "border border-line-strong bg-panel",
  PROCESS_STOPPED: "bg-ink-3",
  STOPPING: "bg-run",
  STARTING: "bg-run",
  UNAVAILABLE: "bg-fail",
  NOT_REPORTED: "hatch bg-sunken",
  DELETING: "hatch bg-sunken",
};

const MINUTE_MS = 60_000;

/** A coarse age that only moves once a minute or slower: `41d`, `5h`, `12m`, `0m`. */
export function coarseAge(ms: number): string {
  const minutes = Math.max(0, Math.floor(ms / MINUTE_MS));
  if (minutes < 60) return `${minutes}m`;
  if (minutes < 48 * 60) return `${Math.floor(minutes / 60)}h`;
  return `${Math.floor(minutes / (24 * 60))}d`;
}
