import { STOP_PATH, stopBody, zonePath, zoneStopBody } from "../obshell/requests";
import { supports } from "../obshell/wire/version";
import type { Scope } from "../obshell/schema";
import type { Method } from "./schema";

/** What goes to the agent, as the client is asked for it, with path and body as they are shown and sent. */
export type StopCall = { path: string; body: object; forcePassDag: string[] } & (
  { call: "stop"; scope: Scope; mode: Method } | { call: "zone-stop"; zone: string; freezeServer: boolean }
);

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
  const forcePassDag = [...closes].sort();
  const zone = scope.type === "ZONE" && scope.target.length === 1 ? scope.target[0] : undefined;
  if (method === "terminate" && zone !== undefined && agentVersion !== null && supports(agentVersion, "zoneStop")) {
    const body = zoneStopBody({ freezeServer: true, forcePassDag });
    return { call: "zone-stop", path: zonePath(zone, "stop"), zone, freezeServer: true, forcePassDag, body };
  }
  const body = stopBody({ scope, mode: method, forcePassDag });
  return { call: "stop", path: STOP_PATH, scope, mode: method, forcePassDag, body };
}

/** The same with the obshell CLI, which works on a node of the cluster. */
export function commandLine(scope: Scope, method: Method): string {
  const flag = { stop: "-I", terminate: "-t", force: "-f" }[method];
  if (scope.type === "GLOBAL") return `obshell cluster stop -a ${flag}`;
  return `obshell cluster stop ${scope.type === "ZONE" ? "-z" : "-s"} ${scope.target.join(",")} ${flag}`;
}
