import "server-only";
import { createPrivateKey, X509Certificate } from "node:crypto";
import { canonicalAddress } from "../address";
import { AppError } from "../errors";
import { asSecret } from "../text-file";
import { createTransport } from "../obshell/transport";
import { identitiesAt } from "./agent-identity";
import { fingerprintOf, knownKeys } from "./known-keys";
import type { Credentials, RegisteredCluster } from "./registry";
import type { ClusterDraft } from "./schema";
import { knownAgents } from "./topology";

/**
 * The credentials that were typed, with what was left empty taken from `before`. Throws `pem-invalid`,
 * `credentials-lost` when something is to be kept that cannot be opened, and `password-needed` when the stored password
 * would go where it has never been.
 */
export async function typedCredentials(draft: ClusterDraft, before: RegisteredCluster | null): Promise<Credentials> {
  const kept = (): Credentials => {
    if (before?.credentials) return before.credentials;
    throw before
      ? new AppError("credentials-lost", { params: { name: before.name } })
      : new AppError("input-invalid", { params: { what: "password" } });
  };
  const password = draft.password === null ? kept().password : asSecret(draft.password);
  const isKept = before !== null && draft.password === null && password !== "";
  const proven = isKept ? await proveSameWay(draft, before, kept()) : new Map<string, string>();
  const way = proven.size > 0 ? { proven } : {};
  if (draft.tls === null) return { password, tls: null, ...way };
  const { ca, cert } = draft.tls;
  const key = cert === "" ? "" : (draft.tls.key ?? kept().tls?.key ?? "");
  requirePem(ca, cert, key);
  return { password, tls: cert === "" ? { ca } : { ca, cert, key }, ...way };
}

/** Agents that belong to a cluster: the registered ones, those that it has named itself, and those met before. */
export const membersOf = async (clusterId: string): Promise<Set<string>> =>
  new Set([...knownAgents(clusterId), ...(await knownKeys(clusterId)).keys()]);

/**
 * Whoever may change a cluster need not know its password, and must not learn it by naming an agent of their own. What is
 * new among the addresses is the cluster's when one of its known agents answers there: it says so, and shows the key that
 * is remembered of it. Returns those with that key, because what answers there a moment later may be another.
 */
async function proveSameWay(
  { agents, tls }: ClusterDraft,
  before: RegisteredCluster,
  credentials: Credentials,
): Promise<Map<string, string>> {
  if (asOneLine(tls?.ca) !== asOneLine(before.tls?.ca))
    throw new AppError("password-needed", { params: { why: "tls", list: "" } });
  const registered = new Set(before.agents.map(canonicalAddress));
  const strangers = agents.filter((address) => !registered.has(canonicalAddress(address)));
  const proven = new Map<string, string>();
  if (strangers.length === 0) return proven;
  const members = new Set([...(await membersOf(before.id))].map(canonicalAddress));
  const unknown = strangers.filter((address) => !members.has(canonicalAddress(address)));
  const known = await knownKeys(before.id);
  const answering = unknown.length > 0 ? await askWhoAnswers(unknown, credentials) : [];
  for (const [address, identity] of answering)
    if (identity && known.get(identity.address)?.fingerprint === fingerprintOf(identity.publicKey))
      proven.set(address, identity.publicKey);
  const unproven = unknown.filter((address) => !proven.has(address));
  if (unproven.length > 0)
    throw new AppError("password-needed", { params: { why: "agents", list: unproven.join(", ") } });
  return proven;
}

async function askWhoAnswers(addresses: readonly string[], { tls }: Credentials) {
  const transport = createTransport({ tls });
  try {
    return await identitiesAt(addresses, transport);
  } finally {
    await transport.close().catch(() => undefined);
  }
}

/** Browsers write line ends their own way. */
const asOneLine = (pem: string | undefined): string => (pem ?? "").replace(/\s+/g, "");

function requirePem(ca: string, cert: string, key: string): void {
  const read = <T>(what: string, parse: () => T): T => {
    try {
      return parse();
    } catch (cause) {
      throw new AppError("pem-invalid", { params: { what } }, { cause });
    }
  };
  read("ca", () => new X509Certificate(ca));
  if (cert === "" && key === "") return;
  const certificate = read("cert", () => new X509Certificate(cert));
  const fits = read("key", () => certificate.checkPrivateKey(createPrivateKey(key)));
  if (!fits) throw new AppError("pem-invalid", { params: { what: "key" } });
}
