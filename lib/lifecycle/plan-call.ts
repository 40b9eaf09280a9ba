import { STOP_PATH, startBody, START_PATH, stopBody, taskPath, zonePath, zoneStopBody } from "../obshell/requests";
import { supports } from "../obshell/wire/version";
import type { Scope } from "../obshell/schema";
import type { Method, Part, Plan } from "./schema";

/** What goes to an agent, as the client is asked for it, with path and body as they are shown and sent. */
type Sent = { path: string; body: object; forcePassDag: string[] };
export type StopCall = Sent &
  ({ call: "stop"; scope: Scope; mode: Method } | { call: "zone-stop"; zone: string; freezeServer: boolean });
export type StartCall = Sent & { call: "start"; scope: Scope };
/** Requests to tasks that exist, one after the other for a run, each to the agent that owns its task. */
export interface OperateCall {
  call: "operate";
  parts: Part[];
}
export type PlanCall = StopCall | StartCall | OperateCall;

/**
 * The canonical request (protocol §5): exactly one mode, canonical sorted targets, `forcePassDag` an object of main DAG
 * ids and only when there are any. "Flush, then stop" of one whole zone uses the zone endpoint where the agent has it,
 * because only there the cluster itself checks the majority.
 */
export function stopCall(
  scope: Scope,
  method: Method,
  releases: readonly string[],
  agentVersion: string | null,
): StopCall {
  const forcePassDag = [...releases].sort();
  const zone = scope.type === "ZONE" && scope.target.length === 1 ? scope.target[0] : undefined;
  if (method === "terminate" && zone !== undefined && agentVersion !== null && supports(agentVersion, "zoneStop")) {
    const body = zoneStopBody({ freezeServer: true, forcePassDag });
    return { call: "zone-stop", path: zonePath(zone, "stop"), zone, freezeServer: true, forcePassDag, body };
  }
  const body = stopBody({ scope, mode: method, forcePassDag });
  return { call: "stop", path: STOP_PATH, scope, mode: method, forcePassDag, body };
}

/** The canonical start (protocol §5.3). */
export function startCall(scope: Scope, releases: readonly string[]): StartCall {
  const forcePassDag = [...releases].sort();
  return { call: "start", path: START_PATH, scope, forcePassDag, body: startBody({ scope, forcePassDag }) };
}

const OPERATORS = { cancel: "CANCEL", retry: "RETRY", "pass-node": "PASS", release: "PASS" } as const;

/** Every request of a call with the agent that it goes to, in their order. */
export function requestsOf(call: PlanCall | null, coordinator: string | null): Plan["requests"] {
  if (call === null || (call.call !== "operate" && coordinator === null)) return [];
  if (call.call !== "operate")
    return [{ agent: coordinator ?? "", method: "POST", path: call.path, body: JSON.stringify(call.body, null, 2) }];
  return call.parts.map(({ agent, taskId, does }) => ({
    agent,
    method: "POST" as const,
    path: taskPath(does === "pass-node" ? "node" : "dag", taskId),
    body: JSON.stringify({ operator: OPERATORS[does] }, null, 2),
  }));
}

const MODE_FLAG = { stop: "-I", terminate: "-t", force: "-f" } as const;

/** It comes out of a clipboard into a terminal, where these act or hide, quoted or not. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;
/** The CLI splits its lists at commas and trims their ends. Source: obshell ob/client/cmd/cluster/stop.go, newScopeParam. */
const isListable = (target: string): boolean =>
  target !== "" && target === target.trim() && !target.includes(",") && !UNPRINTABLE.test(target);

/** What no POSIX shell takes for more than itself. */
const PLAIN = /^[A-Za-z0-9_@%+=:,./-]+$/;
const quoted = (word: string): string => (PLAIN.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`);

/** A value that begins like a flag is tied to its own. */
const option = (short: string, long: string, value: string): string =>
  value.startsWith("-") ? quoted(`--${long}=${value}`) : `-${short} ${quoted(value)}`;

const listOption = (short: string, long: string, values: readonly string[]): string =>
  option(short, long, values.join(","));

/**
 * The command of the obshell CLI, on a host of the cluster, that sends the same request; "" where there is none. It posts
 * /ob/stop and /ob/start alone, so nothing of it stops by the zone endpoint, with its check of the majority, or works on a
 * run. Source: obshell ob/client/cmd/cluster/stop.go, callStopApi; start.go, callStartApi.
 */
export function commandLine(call: PlanCall | null): string {
  if (call === null || call.call === "operate" || call.call === "zone-stop") return "";
  const { scope, forcePassDag } = call;
  if (scope.type !== "GLOBAL" && !scope.target.every(isListable)) return "";
  return [
    `obshell cluster ${call.call}`,
    scope.type === "GLOBAL"
      ? "-a"
      : scope.type === "ZONE"
        ? listOption("z", "zone", scope.target)
        : listOption("s", "server", scope.target),
    ...(call.call === "stop" ? [MODE_FLAG[call.mode]] : []),
    ...(forcePassDag.length > 0 ? [listOption("i", "id", forcePassDag)] : []),
  ].join(" ");
}
