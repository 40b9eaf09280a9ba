import { z } from "zod";
import { agentIdentity, agentInfoSchema, agentStatusSchema } from "../schema";
import { formatAddress } from "../../address";
import { contentsOf } from "./envelope";
import { withoutRelease } from "./version";

const identity = agentIdentity.catch("UNKNOWN");
const count = z.number().catch(0);

export const infoFromWire = z
  .object({
    ip: z.string(),
    port: z.number(),
    zone: z.string().catch(""),
    identity,
    version: z.string(),
    supportedAuth: z.array(z.string()).nullish().catch(null),
    homePath: z.string().catch(""),
  })
  .transform((info) => ({
    address: formatAddress(info.ip, info.port),
    zone: info.zone,
    identity: info.identity,
    version: withoutRelease(info.version),
    supportedAuth: info.supportedAuth ?? null,
    homePath: info.homePath,
  }))
  .pipe(agentInfoSchema);

export const statusFromWire = z
  .object({
    agent: z.object({ ip: z.string(), port: z.number(), identity }),
    state: count,
    version: z.string(),
    obState: count,
    underMaintenance: z.boolean().catch(false),
  })
  .transform(({ agent, ...status }) => ({
    ...status,
    address: formatAddress(agent.ip, agent.port),
    identity: agent.identity,
    version: withoutRelease(status.version),
  }))
  .pipe(agentStatusSchema);

/** The key as published; `wire/crypto.ts` reads it. */
export const secretFromWire = z.object({ public_key: z.string().min(1) }).transform((secret) => secret.public_key);

/** The agent's clock in Unix milliseconds. */
export const timeFromWire = z
  .string()
  .transform((at) => Date.parse(at))
  .pipe(z.number());

export const agentsFromWire = contentsOf(
  z.object({ ip: z.string(), port: z.number() }).transform(({ ip, port }) => formatAddress(ip, port)),
);
