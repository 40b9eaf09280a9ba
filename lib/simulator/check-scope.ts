import { z } from "zod";
import { addressOf } from "./address";
import { badRequest } from "./agent-error";
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
  const bound = schema.safeParse(lowerKeys(body));
  if (bound.success) return bound.data;
  const at = bound.error.issues[0]?.path.join(".") ?? "";
  throw badRequest("Common.BindJsonFailed", `json: cannot unmarshal into Go struct field ${at}`);
}

export interface CheckedScope {
  readonly scope: Scope;
  readonly targets: ReadonlySet<string>;
}

/** Rows 2 to 4 of the agent's own order: type, target present, target known. Source: OBShell protocol. */
export function checkScope(world: World, body: StopBody): CheckedScope {
  const type = (body.scope?.type ?? "").toUpperCase();
  if (type !== "GLOBAL" && type !== "ZONE" && type !== "SERVER")
    throw badRequest("OB.Cluster.Scope.Invalid", `scope type '${type}' is invalid`);
  const target = [...new Set(body.scope?.target ?? [])];
  if (type === "GLOBAL")
    return { scope: { type, target }, targets: new Set(world.agents.map((agent) => agent.address)) };
  if (target.length === 0) throw badRequest("Common.IllegalArgument", "target is required");
  const agents =
    type === "ZONE" ? target.flatMap((zone) => agentsInZone(world, zone)) : target.map((it) => agentAt(world, it));
  return { scope: { type, target }, targets: new Set(agents.map((agent) => agent.address)) };
}

function agentsInZone(world: World, zone: string): Agent[] {
  if (!world.database.zone(zone)) throw badRequest("OB.Zone.NotExist", `zone ${zone} does not exist`);
  return world.agents.filter((agent) => agent.zone === zone);
}

function agentAt(world: World, target: string): Agent {
  const address = canonicalAddress(world, target);
  const agent = world.agent(address);
  if (!agent) throw badRequest("Agent.NotExist", `agent ${address} does not exist`);
  return agent;
}

const DEFAULT_PORT = 2886;

/** `ip:agentPort`; since 4.2.6.0 the port may be left out and IPv6 stands in brackets. Host names are not accepted. */
function canonicalAddress(world: World, target: string): string {
  const isLenient = world.has("4.2.6.0");
  const parts = /^(\[[0-9A-Fa-f:.]+\]|[^:[\]]+)(?::(.*))?$/.exec(target);
  const [, ip, port] = parts ?? [];
  if (!ip || (port === undefined && !isLenient) || (ip.startsWith("[") && !isLenient))
    throw badRequest("Common.InvalidAddress", `'${target}' is not a valid address`);
  const number = port === undefined ? DEFAULT_PORT : Number(port);
  if (!Number.isInteger(number) || number < 1025 || number > 65_535)
    throw badRequest("Common.InvalidPort", `'${port}' is not a valid port`);
  const octets = ip.split(".");
  const isIpv4 = octets.length === 4 && octets.every((octet) => /^\d{1,3}$/.test(octet) && Number(octet) <= 255);
  if (!isIpv4 && !ip.startsWith("[")) throw badRequest("Common.InvalidIp", `'${ip}' is not a valid ip`);
  return addressOf(ip.replace(/^\[|\]$/g, ""), number);
}
