import { isIPv4, isIPv6 } from "node:net";
import { z } from "zod";
import { addressOf } from "./address";
import { badRequest, type AgentError } from "./agent-error";
import { lowerKeys } from "./agent-auth";
import type { Agent, World } from "./agent";
import type { Scope } from "./dag";

/** Keys in lower case: Go binds them without regard to case, and null like an absent key. */
const forcePass = z.object({ id: z.array(z.string()).nullish() }).nullish();
const stopBodySchema = z.object({
  scope: z.object({ type: z.string().nullish(), target: z.array(z.string()).nullish() }).nullish(),
  force: z.boolean().nullish(),
  terminate: z.boolean().nullish(),
  forcepassdag: forcePass,
});
const zoneStopBodySchema = z.object({ freeze_server: z.boolean().nullish(), forcepassdag: forcePass });
export type StopBody = z.infer<typeof stopBodySchema>;

export const bindStop = (body: unknown): StopBody => bind(stopBodySchema, body);
export const bindZoneStop = (body: unknown): z.infer<typeof zoneStopBodySchema> => bind(zoneStopBodySchema, body);

export function bind<T>(schema: z.ZodType<T>, body: unknown): T {
  // JSON's null leaves everything as it is, which is empty.
  const bound = schema.safeParse(lowerKeys(body ?? {}));
  if (bound.success) return bound.data;
  const at = bound.error.issues[0]?.path.join(".") ?? "";
  throw badRequest("Common.BindJsonFailed", `Bind JSON failed: json: cannot unmarshal into Go struct field ${at}`);
}

export interface CheckedScope {
  readonly scope: Scope;
  readonly targets: ReadonlySet<string>;
}

/** Rows 2 to 4 of the agent's own order: type, target present, target known. Source: OBShell protocol. */
export function checkScope(world: World, body: StopBody): CheckedScope {
  const type = (body.scope?.type ?? "").toUpperCase();
  if (type !== "GLOBAL" && type !== "ZONE" && type !== "SERVER")
    throw badRequest("OB.Cluster.Scope.Invalid", `Scope '${type}' is invalid`);
  const target = [...new Set(body.scope?.target ?? [])];
  if (type === "GLOBAL")
    return { scope: { type, target }, targets: new Set(world.agents.map((agent) => agent.address)) };
  if (target.length === 0)
    throw badRequest("Common.IllegalArgument", "The input parameter 'target' is illegal: target is empty");
  const agents =
    type === "ZONE" ? target.flatMap((zone) => agentsInZone(world, zone)) : target.map((it) => agentAt(world, it));
  return { scope: { type, target }, targets: new Set(agents.map((agent) => agent.address)) };
}

function agentsInZone(world: World, zone: string): Agent[] {
  if (!world.database.zone(zone)) throw badRequest("OB.Zone.NotExist", `Zone '${zone}' does not exist`);
  return world.agents.filter((agent) => agent.zone === zone);
}

function agentAt(world: World, target: string): Agent {
  const address = canonicalAddress(world, target);
  const agent = world.agent(address);
  if (!agent) throw badRequest("Agent.NotExist", `Server '${target}' does not exist`);
  return agent;
}

const DEFAULT_PORT = 2886;
const LOWEST_PORT = 1025;
const HIGHEST_PORT = 65_535;

/** `ip:agentPort`; since 4.2.6.0 the port may be left out and IPv6 may be written. Host names are not accepted. */
function canonicalAddress(world: World, target: string): string {
  const { ip, port } = world.has("4.2.6.0") && !target.includes(".") ? splitIpv6(target) : splitIpv4(world, target);
  const isValid = target.includes(".") ? isIPv4(ip) : isIPv6(ip);
  const number = port === undefined ? DEFAULT_PORT : Number(port);
  if (port !== undefined && (!/^\d+$/.test(port) || number < LOWEST_PORT || number > HIGHEST_PORT))
    throw badRequest("Common.InvalidPort", `The port '${port}' is invalid, must be in [1024, 65535]`);
  if (!isValid) throw badRequest("Common.InvalidIp", `'${ip}' is not a valid IP address`);
  return addressOf(ip, number);
}

interface Split {
  readonly ip: string;
  readonly port: string | undefined;
}

function splitIpv4(world: World, target: string): Split {
  const [ip = "", port, ...more] = target.split(":");
  if (more.length > 0 || ip === "" || (port === undefined && !world.has("4.2.6.0"))) throw invalidAddress(target);
  return { ip, port };
}

/** Whatever looks like a part of an IPv6 address is taken for it, wherever it stands. */
function splitIpv6(target: string): Split {
  const [matched, inBrackets, bare, port] = /(?:\[([0-9a-f:]+)\]|([0-9a-f:]+))(?::(\d+))?/i.exec(target) ?? [];
  if (matched === undefined) throw invalidAddress(target);
  return { ip: inBrackets ?? bare ?? "", port };
}

const invalidAddress = (target: string): AgentError =>
  badRequest("Common.InvalidAddress", `'${target}' is not a valid address`);
