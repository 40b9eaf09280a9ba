import "server-only";
import { createPrivateKey, X509Certificate } from "node:crypto";
import { canonicalAddress } from "../address";
import { AppError } from "../errors";
import { asSecret } from "../text-file";
import { knownKeys } from "./known-keys";
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
  if (before && draft.password === null && password !== "") await requireSameWay(draft, before);
  if (draft.tls === null) return { password, tls: null };
  const { ca, cert } = draft.tls;
  const key = cert === "" ? "" : (draft.tls.key ?? kept().tls?.key ?? "");
  requirePem(ca, cert, key);
  return { password, tls: cert === "" ? { ca } : { ca, cert, key } };
}

/** Agents that belong to a cluster: the registered ones, those that it has named itself, and those met before. */
export const membersOf = async (clusterId: string): Promise<Set<string>> =>
  new Set([...knownAgents(clusterId), ...(await knownKeys(clusterId)).keys()]);

/** Whoever may change a cluster need not know its password, and must not learn it by naming an agent of their own. */
async function requireSameWay({ agents, tls }: ClusterDraft, before: RegisteredCluster): Promise<void> {
  if (asOneLine(tls?.ca) !== asOneLine(before.tls?.ca))
    throw new AppError("password-needed", { params: { why: "tls", list: "" } });
  const registered = new Set(before.agents.map(canonicalAddress));
  const strangers = agents.filter((address) => !registered.has(canonicalAddress(address)));
  if (strangers.length === 0) return;
  const members = new Set([...(await membersOf(before.id))].map(canonicalAddress));
  const unknown = strangers.filter((address) => !members.has(canonicalAddress(address)));
  if (unknown.length > 0)
    throw new AppError("password-needed", { params: { why: "agents", list: unknown.join(", ") } });
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
