import { hasAgent, type AgentServer } from "../clusters/has-agent";
import type { Server, Topology } from "../clusters/schema";
import { compareVersions, supports } from "../obshell/wire/version";
import { AGENT_RUNNING } from "./coordinator";
import type { Judged } from "./judgement";

/** Identities of an agent whose cluster is being changed at this moment. */
const CHANGING = /^(TAKE OVER|SCALING)/;

/** Identity, state and version of every agent that answers, and whose database does. */
export function judgeMembers(servers: readonly AgentServer[]): Judged {
  const answering = servers.filter(({ agent }) => agent.answers);
  const about = (message: string, level: Judged["level"], found: readonly AgentServer[]): Judged => ({
    level,
    message,
    params: { count: found.length, total: servers.length, identity: found[0]?.agent.identity ?? "" },
    items: found.map(({ address }) => address),
  });
  const changing = answering.filter(({ agent }) => CHANGING.test(agent.identity ?? ""));
  if (changing.length > 0) return about("changing", "warn", changing);
  const outside = answering.filter(({ agent }) => agent.identity !== "CLUSTER AGENT");
  if (outside.length > 0) return about("outside", "warn", outside);
  const starting = answering.filter(({ agent }) => agent.state !== null && agent.state !== AGENT_RUNNING);
  if (starting.length > 0) return about("starting", "warn", starting);
  const versions = [...new Set(answering.flatMap(({ agent }) => agent.version ?? []))].sort(compareVersions);
  if (versions.length > 1)
    return { level: "info", message: "versions", params: { oldest: versions[0] ?? "", newest: versions.at(-1) ?? "" } };
  const withoutDatabase = answering.filter(({ obState }) => obState !== 3);
  if (withoutDatabase.length > 0) return about("database", "info", withoutDatabase);
  return { level: "ok", message: "ok", params: { version: versions[0] ?? "" } };
}

/** Scaling or an upgrade does not lock a stop or start, and the two disturb each other (protocol §7.4). */
export function judgeClusterTask({ clusterTasks }: Topology): Judged {
  if (clusterTasks === null) return { level: "info", message: "unknown" };
  const [first] = clusterTasks;
  if (!first) return { level: "ok", message: "ok" };
  const params = {
    name: first.name,
    count: clusterTasks.length,
    ...(first.startedAt ? { since: first.startedAt } : {}),
  };
  const items = clusterTasks.map(({ name }) => name);
  return { level: "warn", message: first.startedAt ? "since" : "running", params, items };
}

/** Agents refuse each other's calls when a clock is ahead by more than this (protocol §7.4, §9). */
const LIMIT_MS = { now: 10_000, before4320: 1_000 };
/** Said before the limit is reached: clocks drift, and a measurement is not exact. */
const SHARE = 0.8;

export function judgeClocks(servers: readonly AgentServer[]): Judged {
  const answering = servers.filter(({ agent }) => agent.answers);
  const sorted = answering
    .flatMap(({ address, agent }) => (agent.skewMs === null ? [] : [{ address, skewMs: agent.skewMs }]))
    .sort((left, right) => left.skewMs - right.skewMs);
  const [first] = sorted;
  const last = sorted.at(-1);
  if (!first || !last) return { level: "info", message: "unknown" };
  const isOld = answering.some(({ agent }) => agent.version !== null && !supports(agent.version, "longCalls"));
  const limitMs = isOld ? LIMIT_MS.before4320 : LIMIT_MS.now;
  const apartMs = last.skewMs - first.skewMs;
  if (apartMs >= limitMs * SHARE) {
    const seconds = apartMs < 3_000 ? Math.round(apartMs / 100) / 10 : Math.round(apartMs / 1000);
    const params = { first: last.address, second: first.address, seconds, limit: limitMs / 1000 };
    return { level: "warn", message: "apart", params, items: [last.address, first.address] };
  }
  const unmeasured = answering.filter(({ agent }) => agent.skewMs === null).map(({ address }) => address);
  if (unmeasured.length > 0)
    return { level: "info", message: "partly", params: { count: unmeasured.length }, items: unmeasured };
  const middle = sorted[Math.floor(sorted.length / 2)] ?? first;
  const offset = Math.round(Math.abs(middle.skewMs) / 1000);
  return offset >= 2
    ? { level: "info", message: "offset", params: { seconds: offset } }
    : { level: "ok", message: "ok" };
}

/**
 * Whether a database comes up for a start to end with: its statement waits about ten minutes for one and then fails, so
 * a part of a cluster that is down as a whole is best started together with the rest (protocol §5.3).
 */
export function judgeStartOrder(
  { zones, databaseReachable }: Topology,
  picked: ReadonlySet<string>,
  isGlobal: boolean,
): Judged {
  if (databaseReachable) return { level: "ok", message: "ok" };
  if (isGlobal) return { level: "ok", message: "all" };
  const runs = (server: Server) => picked.has(server.address) || (server.obState ?? 0) > 0;
  const whole = zones.filter((zone) => zone.servers.every(runs));
  const servers = zones.flatMap((zone) => zone.servers.filter(hasAgent));
  const params = { count: servers.filter(runs).length, total: servers.length };
  if (whole.length * 2 > zones.length) return { level: "info", message: "database", params };
  const left = servers.filter((server) => !runs(server)).map(({ address }) => address);
  return { level: "warn", message: "minority", params, items: left };
}
