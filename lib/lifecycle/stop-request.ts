import { supports } from "../obshell/wire/version";
import type { Scope } from "../obshell/schema";
import type { Method } from "./schema";

/** What goes to the agent. `call` tells which endpoint; path and body are shown to the operator as they are sent. */
export type StopCall =
  | { call: "stop"; path: "/api/v1/ob/stop"; body: StopWireBody }
  | { call: "zone-stop"; path: string; zone: string; body: ZoneStopWireBody };

interface StopWireBody {
  scope: Scope;
  force?: true;
  terminate?: true;
  forcePassDag?: { id: string[] };
}
interface ZoneStopWireBody {
  freeze_server: true;
  forcePassDag?: { id: string[] };
}

/**
 * The canonical request (protocol §5): exactly one mode, canonical sorted targets, `forcePassDag` an object of main DAG
 * ids and only when there are any. "Flush, then stop" of one whole zone uses the zone endpoint where the agent has it,
 * because only there the cluster itself checks the majority.
 */
export function stopCall(
  scope: Scope,
  method: Method,
  closes: readonly string[],
  agentVersion: string | null,
): StopCall {
  const forcePassDag = closes.length > 0 ? { forcePassDag: { id: [...closes].sort() } } : {};
  const zone = scope.type === "ZONE" && scope.target.length === 1 ? scope.target[0] : undefined;
  if (method === "terminate" && zone !== undefined && agentVersion !== null && supports(agentVersion, "zoneStop")) {
    const path = `/api/v1/ob/zone/${encodeURIComponent(zone)}/stop`;
    return { call: "zone-stop", path, zone, body: { freeze_server: true, ...forcePassDag } };
  }
  const mode =
    method === "force" ? { force: true as const } : method === "terminate" ? { terminate: true as const } : {};
  return { call: "stop", path: "/api/v1/ob/stop", body: { scope, ...mode, ...forcePassDag } };
}

/** The same with the obshell CLI, which works on a node of the cluster. */
export function commandLine(scope: Scope, method: Method): string {
  const flag = { stop: "-I", terminate: "-t", force: "-f" }[method];
  if (scope.type === "GLOBAL") return `obshell cluster stop -a ${flag}`;
  return `obshell cluster stop ${scope.type === "ZONE" ? "-z" : "-s"} ${scope.target.join(",")} ${flag}`;
}
