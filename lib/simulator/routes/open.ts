import { badRequest } from "../agent-error";
import type { Agent, World } from "../agent";
import { goTime, unixNanos } from "../go-json";
import { thawed } from "../silence";
import { homeOf } from "../sub-dag";
import type { Call, Route } from "./route";

/** What an agent tells without a password. Source: OBShell protocol, unauthenticated endpoints. */
export const openRoutes: readonly Route[] = [
  { method: "GET", path: "info", isOpen: true, handle: readInfo },
  { method: "*", path: "status", isOpen: true, handle: readStatus },
  { method: "GET", path: "time", isOpen: true, handle: ({ agent }) => goTime(agent.now()) },
  {
    method: "GET",
    path: "secret",
    isOpen: true,
    handle: async ({ agent }) => ({ ip: agent.ip, port: agent.port, public_key: (await agent.key()).publicBase64 }),
  },
  {
    method: "GET",
    path: "git-info",
    isOpen: true,
    handle: ({ world }) => ({
      branch: `v${world.version}`,
      commitId: "61ee147000000000000000000000000000000000",
      shortCommitId: "61ee147",
      commitTime: "2026-05-08T11:20:00+08:00",
    }),
  },
];

const RUNNING = 2;
const IDENTITY = "CLUSTER AGENT";
/** Only a cluster agent starts and stops, and tells of the cluster. */
export const isClusterAgent = (world: World, agent: Agent): boolean => identityOf(world, agent) === IDENTITY;
export const identityOf = (world: World, { address }: Agent): string =>
  world.faults.find(address, "identity")?.identity ?? IDENTITY;
export const OB_VERSION = "4.3.5.3";
export const BUILD_VERSION = "4.3.5.3_103000042025";
export const agentVersion = (world: World): string => `${world.version}-1`;

export function requireClusterAgent(world: World, agent: Agent): void {
  if (!isClusterAgent(world, agent))
    throw badRequest(
      "Agent.Identify.NotSupportOperation",
      `'${agent.address}' is '${identityOf(world, agent)}', instead of '${IDENTITY}', does not support this operation`,
    );
}

/** Since 4.5.0.0 the database is asked for its version first, without a limit. */
async function readInfo({ world, agent }: Call): Promise<unknown> {
  if (world.has("4.5.0.0")) await probe(world, agent, null);
  return infoOf(world, agent);
}

const DEFAULT_PROBE_MS = 10_000;

/** Before 4.4.1.0 the question how the database is has no limit. */
async function readStatus({ world, agent, query }: Call): Promise<unknown> {
  const asked = Number(query.get("ob_query_timeout") ?? 0) / 1_000;
  await probe(world, agent, world.has("4.4.1.0") ? asked || DEFAULT_PROBE_MS : null);
  return statusOf(world, agent);
}

const LOOK_AGAIN_MS = 20;

/**
 * Real milliseconds, as the limits are those of clients. Ends when the database or its answer is there. The limit is for
 * the database to keep: a frozen observer keeps none.
 */
async function probe({ faults }: World, { address }: Agent, limitMs: number | null): Promise<void> {
  await thawed(faults, address);
  const endMs = limitMs === null ? Infinity : Date.now() + limitMs;
  while (faults.has(address, "database-frozen") && Date.now() < endMs)
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS).unref());
}

function infoOf(world: World, agent: Agent): Record<string, unknown> {
  return {
    pid: agent.pid,
    state: RUNNING,
    startAt: unixNanos(agent.startedAt),
    homePath: homeOf(agent),
    ip: agent.ip,
    port: agent.port,
    zone: agent.zone,
    identity: identityOf(world, agent),
    version: agentVersion(world),
    ...(world.has("4.2.4.0") ? { obVersion: OB_VERSION } : {}),
    ...(world.has("4.2.5.0") ? { supportedAuth: ["v2"] } : {}),
    ...(world.has("4.2.6.0") ? { isObproxyAgent: false, security: false } : {}),
    ...(world.has("4.3.0.0") ? { architecture: "x86_64" } : {}),
  };
}

export function statusOf(world: World, agent: Agent): Record<string, unknown> {
  const server = world.database.server(agent.address);
  return {
    agent: { ip: agent.ip, port: agent.port, identity: identityOf(world, agent) },
    state: RUNNING,
    version: agentVersion(world),
    pid: agent.pid,
    startAt: unixNanos(agent.startedAt),
    port: agent.port,
    obState: world.database.stateAt(agent.address),
    ...(world.has("4.3.0.0") && server ? { sqlPort: server.sqlPort } : {}),
    underMaintenance: agent.store.lockHolder() !== undefined,
  };
}
