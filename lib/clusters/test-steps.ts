import "server-only";
import { canonicalAddress } from "../address";
import { AppError, isAppError, type Failure } from "../errors";
import { createAgentClient, type AgentClient } from "../obshell/client";
import type { AgentInfo } from "../obshell/schema";
import type { Transport } from "../obshell/transport";
import { keyBits } from "../obshell/wire/crypto";
import { supports } from "../obshell/wire/version";
import { tlsFaultOf, wantsTls, type TlsFault } from "../obshell/wire/tls-fault";
import { askEach } from "../in-parallel";
import { identitiesAt, isSameAgent } from "./agent-identity";
import { fingerprintOf, knownKeys, type KnownKey } from "./known-keys";
import { reach } from "./reach";
import type { Credentials } from "./registry";
import type { TestStep, TestStepId, TestWord } from "./schema";

const STEP_TIMEOUT_MS = 5_000;
/** As the pre-check of a stop: agents' calls to each other are valid for 10 s. */
const CLOCK_LIMIT_MS = 8_000;
const SHORT_KEY_BITS = 512;

export type Found = Pick<TestStep, "state" | "said" | "failure" | "params" | "items">;

/** What one test knows so far; later steps rest on what earlier ones put in. */
export interface TestState {
  /** The cluster whose remembered keys count; null for one that is not registered. */
  clusterId: string | null;
  agents: readonly string[];
  credentials: Credentials;
  transport: Transport;
  reached: string[];
  agent: AgentClient | null;
  info: AgentInfo | null;
  publicKey: string | null;
  members: string[];
}

const limits = { timeoutMs: STEP_TIMEOUT_MS };

const found = (
  state: "ok" | "warn" | "failed",
  said: TestWord,
  params: TestStep["params"] = {},
  items: string[] = [],
): Found => ({ state, said, failure: null, params, items });

/** A failure in the words that the rest of the console has for it. */
export function failedWith(error: unknown): Found {
  if (!isAppError(error)) throw error;
  const failure: Failure = { kind: error.kind, ...error.facts };
  return { state: "failed", said: null, failure, params: {}, items: [] };
}

function agentAt(state: TestState, address: string): AgentClient {
  const { transport, credentials } = state;
  // The password is sealed with the key that the step before has looked at, or not at all.
  const checkKey = async (publicKey: string) => {
    if (publicKey !== state.publicKey) throw new AppError("agent-key-changed", { params: { address } });
  };
  return createAgentClient({ address, transport, password: credentials.password, checkKey });
}

/** The agent that the earlier steps have chosen. */
function chosen({ agent, info }: TestState): { agent: AgentClient; info: AgentInfo } {
  if (!agent || !info) throw new AppError("internal");
  return { agent, info };
}

const WORD_OF_REACH = {
  refused: "addressRefused",
  silent: "addressSilent",
  unroutable: "addressUnroutable",
} as const;

async function testAddress(state: TestState): Promise<Found> {
  const answers = await askEach(state.agents, reach);
  state.reached = state.agents.filter((address) => answers.get(address) === "reached");
  const rest = state.agents.filter((address) => answers.get(address) !== "reached");
  const params = { n: state.reached.length, total: state.agents.length };
  if (rest.length === 0) return found("ok", "addressReached", params);
  if (state.reached.length > 0) return found("warn", "addressSome", params, rest);
  const first = answers.get(rest[0] ?? "") ?? "silent";
  return found("failed", first === "reached" ? "addressSilent" : WORD_OF_REACH[first], params, rest);
}

const WORD_OF_FAULT: Readonly<Record<TlsFault, TestWord | null>> = {
  wanted: "tlsWanted",
  notSpoken: "tlsNotSpoken",
  expired: "tlsExpired",
  name: "tlsName",
  client: "tlsClient",
  authority: "tlsAuthority",
  other: null,
};

async function testTls({ transport, credentials, reached }: TestState): Promise<Found> {
  const [address = ""] = reached;
  try {
    const answer = await transport.read({ address, method: "GET", path: "/api/v1/time" }, limits);
    if (!credentials.tls && wantsTls(answer)) return found("failed", "tlsWanted", { address });
  } catch (error) {
    if (!isAppError(error)) throw error;
    if (error.kind === "tls-failed") {
      const code = String(error.facts.params?.["code"] ?? "");
      const word = WORD_OF_FAULT[tlsFaultOf(code)];
      return word ? found("failed", word, { address, code }) : failedWith(error);
    }
    // Without TLS the next step tells better what is wrong with the answer.
    if (credentials.tls) return failedWith(error);
  }
  return found("ok", credentials.tls ? "tlsWorks" : "tlsPlain");
}

async function testIdentity(state: TestState): Promise<Found> {
  let first: unknown;
  for (const address of state.reached) {
    const agent = agentAt(state, address);
    try {
      // Since 4.5.0.0 `/info` waits for the database without a limit; `/status` tells almost the same.
      state.info = await agent.info(limits).catch(async (error: unknown) => {
        if (!isAppError(error) || error.kind !== "agent-timeout") throw error;
        return { ...(await agent.status(limits)), zone: "", supportedAuth: null, homePath: "" };
      });
      state.agent = agent;
      break;
    } catch (error) {
      first ??= error;
    }
  }
  const { agent, info } = state;
  if (!agent || !info) return failedWith(first);
  const params = { address: agent.address, told: info.address, identity: info.identity, zone: info.zone };
  if (info.identity === "SINGLE") return found("failed", "identitySingle", params);
  if (info.identity !== "CLUSTER AGENT") return found("failed", "identityUnfinished", params);
  return canonicalAddress(info.address) === canonicalAddress(agent.address)
    ? found("ok", "identityMember", params)
    : found("warn", "identityElsewhere", params);
}

async function testVersion(state: TestState): Promise<Found> {
  const { version, supportedAuth } = chosen(state).info;
  if (!supports(version, "authV2") || (supportedAuth !== null && !supportedAuth.includes("v2")))
    return found("failed", "versionTooOld", { version });
  return supports(version, "zoneStop")
    ? found("ok", "versionGood", { version })
    : found("warn", "versionOld", { version });
}

async function testKey(state: TestState): Promise<Found> {
  const { agent, info } = chosen(state);
  const publicKey = await agent.publicKey(limits);
  const bits = keyBits(publicKey);
  const fingerprint = fingerprintOf(publicKey);
  // A known agent is known by its key at whatever address it answers.
  const keys = state.clusterId === null ? new Map<string, KnownKey>() : await knownKeys(state.clusterId);
  const known = keys.get(agent.address) ?? keys.get(info.address);
  const pinned = state.credentials.proven?.get(agent.address);
  const params = { address: agent.address, bits, before: known?.bits ?? 0, fingerprint: fingerprint.slice(0, 16) };
  const isOther = (known && known.fingerprint !== fingerprint) || (pinned !== undefined && pinned !== publicKey);
  if (isOther) return found("failed", "keyChanged", params);
  state.publicKey = publicKey;
  if (bits <= SHORT_KEY_BITS) return found("warn", "keyShort", params);
  return found("ok", known ? "keyKnown" : "keyFirst", params);
}

async function testClock(state: TestState): Promise<Found> {
  const skews = await askEach(state.reached, (address) =>
    agentAt(state, address)
      .clock(limits)
      .then(
        ({ skewMs }) => skewMs,
        () => null,
      ),
  );
  const measured = [...skews].flatMap(([address, skewMs]) => (skewMs === null ? [] : [{ address, skewMs }]));
  const all = measured.map(({ skewMs }) => skewMs).sort((left, right) => left - right);
  const [least = 0, most = 0] = [all[0], all.at(-1)];
  const inSeconds = (ms: number) => Math.round(ms / 100) / 10;
  if (most - least > CLOCK_LIMIT_MS) {
    const middle = all[Math.floor((all.length - 1) / 2)] ?? 0;
    const off = measured.filter(({ skewMs }) => Math.abs(skewMs - middle) > CLOCK_LIMIT_MS / 2);
    const items = off.map(({ address, skewMs }) => `${address} (${inSeconds(skewMs)} s)`);
    return found("failed", "clockAgents", { seconds: inSeconds(most - least) }, items);
  }
  const worst = Math.abs(least) > Math.abs(most) ? least : most;
  return Math.abs(worst) > CLOCK_LIMIT_MS
    ? found("warn", "clockConsole", { seconds: inSeconds(worst) })
    : found("ok", "clockGood", { seconds: inSeconds(worst) });
}

/** One request with the password, at one agent: each wrong one is a real login at its database. */
async function testPassword(state: TestState): Promise<Found> {
  state.members = (await chosen(state).agent.agents(limits)).sort();
  return found("ok", "passwordTaken");
}

async function testAgents(state: TestState): Promise<Found> {
  const { members } = state;
  const { foreign, misled, unproven, mute, elsewhere } = await sortOut(state);
  if (foreign.length > 0) return found("failed", "agentsForeign", { n: foreign.length }, foreign);
  if (misled.length > 0) return found("failed", "agentsMisled", { n: misled.length }, misled);
  const answers = await askEach(members, (address) =>
    agentAt(state, address)
      .status(limits)
      .then(
        () => true,
        () => false,
      ),
  );
  const away = members.filter((address) => !answers.get(address));
  const silent = [...mute, ...away.filter((address) => !elsewhere.has(canonicalAddress(address)))];
  const params = { n: members.length - away.length, total: members.length };
  if (silent.length > 0) return found("failed", "agentsSilent", params, silent);
  if (unproven.length > 0) return found("warn", "agentsUnproven", { n: unproven.length }, unproven);
  if (elsewhere.size === 0) return found("ok", "agentsAll", params);
  const pairs = [...elsewhere].map(([member, address]) => `${address} = ${member}`);
  // The console itself asks agents at their own addresses, and has no other way to these.
  if (away.length > 0) return found("failed", "agentsOnlyElsewhere", { n: away.length }, pairs);
  return found("warn", "agentsElsewhere", { ...params, more: elsewhere.size }, pairs);
}

/** What answers at the typed addresses by which no member is known. */
interface Others {
  /** No agents of this cluster. */
  foreign: string[];
  /** Members' own addresses, at which another agent answers from here. */
  misled: string[];
  /** They call themselves members, and nobody can say whether they are. */
  unproven: string[];
  /** They took a connection, and say nothing. */
  mute: string[];
  /** By member: another address of it. */
  elsewhere: Map<string, string>;
}

/**
 * A member may have several addresses (a second network card, a translation of addresses), and a stranger may have the
 * private address of a member in a network of its own: what the agent calls itself and its key decide, never the address
 * that leads to it. Its key is held against the one that the member shows at its own address, or is remembered by.
 */
async function sortOut(state: TestState): Promise<Others> {
  const { agent, info } = chosen(state);
  const others: Others = { foreign: [], misled: [], unproven: [], mute: [], elsewhere: new Map() };
  const members = new Set(state.members.map(canonicalAddress));
  const typed = state.reached.filter((address) => !members.has(canonicalAddress(address)));
  if (typed.length === 0) return others;
  const answering = await identitiesAt(typed, state.transport);
  const claimed = [...answering.values()].flatMap((identity) => identity?.address ?? []);
  const own = await identitiesAt([...new Set(claimed.filter((one) => members.has(one)))], state.transport);
  const known = state.clusterId === null ? new Map<string, KnownKey>() : await knownKeys(state.clusterId);
  const told = { address: canonicalAddress(info.address), publicKey: state.publicKey ?? "" };
  for (const [address, identity] of answering) {
    if (!identity) others.mute.push(address);
    else if (!members.has(identity.address)) others.foreign.push(address);
    else {
      // The agent that has named the members is one of them, and so is itself at yet another address.
      const isTold = address === agent.address || isSameAgent(identity, told);
      const atHome = own.get(identity.address);
      const remembered = known.get(identity.address)?.fingerprint;
      const isKnown = remembered === fingerprintOf(identity.publicKey);
      if (atHome && !isSameAgent(identity, atHome))
        others[isTold ? "misled" : "foreign"].push(isTold ? identity.address : address);
      else if (atHome || isTold || isKnown) others.elsewhere.set(identity.address, address);
      else others[remembered === undefined ? "unproven" : "foreign"].push(address);
    }
  }
  return others;
}

async function testDatabase(state: TestState): Promise<Found> {
  const { agent } = chosen(state);
  const [cluster, status] = [await agent.cluster({ timeoutMs: 2 * STEP_TIMEOUT_MS }), await agent.status(limits)];
  if (!cluster.fromDatabase || status.obState !== 3) return found("failed", "databaseDown", { address: agent.address });
  const servers = cluster.zones.flatMap((zone) => zone.servers).length;
  return found("ok", "databaseAnswers", { version: cluster.obVersion, zones: cluster.zones.length, servers });
}

/** A failed step ends the test, save for those that the later ones do not rest on. */
export const STEPS: readonly { id: TestStepId; run: (state: TestState) => Promise<Found>; goesOn?: true }[] = [
  { id: "address", run: testAddress },
  { id: "tls", run: testTls },
  { id: "identity", run: testIdentity },
  { id: "version", run: testVersion },
  { id: "key", run: testKey },
  { id: "clock", run: testClock, goesOn: true },
  { id: "password", run: testPassword },
  { id: "agents", run: testAgents, goesOn: true },
  { id: "database", run: testDatabase },
];
