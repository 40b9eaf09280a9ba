import "server-only";
import { headers } from "next/headers";
import { may, PERMISSIONS, type Permission } from "../auth/permissions";
import { currentPerson } from "../auth/current-person";
import type { Person } from "../auth/schema";
import { stillMay } from "../auth/still-may";
import { clusterCard } from "../clusters/registry";
import { config } from "../config";
import { AppError, FAILURES, isAppError, type Failure } from "../errors";
import { log } from "../log";
import { isStoreAway, storeUnavailable } from "../store-away";
import { ARRIVAL_HEADER, arrivalMark, SECURE_HEADER } from "./peer";

const LOOPBACK = /^(127\.0\.0\.1|localhost|\[::1\])(:\d{1,5})?$/;

/**
 * The console answers to its public name, over https, or on this machine only. The Host line is checked besides the
 * listening address, because a page of another origin can make a browser resolve its own name to 127.0.0.1.
 */
export async function isOwnHost(): Promise<boolean> {
  const sent = await headers();
  if (sent.get(ARRIVAL_HEADER) !== arrivalMark()) return false;
  const host = sent.get("host") ?? "";
  const { url } = config();
  if (url === null || LOOPBACK.test(new URL(url).host)) return LOOPBACK.test(host);
  return host === new URL(url).host && sent.get(SECURE_HEADER) === "1";
}

/** Throws `host-refused`. */
export async function requireHost(): Promise<void> {
  if (!(await isOwnHost())) throw new AppError("host-refused");
}

/** A write needs an Origin of the console itself; the framework lets a missing one through. */
export async function requireOwnOrigin(): Promise<void> {
  const sent = await headers();
  const origin = sent.get("origin");
  if (!origin || !URL.canParse(origin) || new URL(origin).host !== sent.get("host")) throw new AppError("host-refused");
}

/** Whoever is signed in. Throws `signed-out`. */
export async function requirePerson(): Promise<Person> {
  const person = await currentPerson(await headers());
  if (!person) throw new AppError("signed-out");
  return person;
}

/** Throws `not-allowed`, naming the role that would do, or `cluster-unknown`. */
export function requirePermission(person: Person, permission: Permission, clusterId: string | null): void {
  const card = clusterId === null ? null : clusterCard(clusterId);
  if (may(person.grants, permission, card)) return;
  throw new AppError("not-allowed", {
    params: { person: person.name, role: PERMISSIONS[permission].roles[0], place: card?.name ?? "Standdown" },
  });
}

/** The same inside a transaction, as it stands then: between a press and its commit a right may have been taken away. */
export async function requireStillAllowed(
  person: Person,
  permission: Permission,
  clusterId: string | null,
  transaction: Parameters<typeof stillMay>[3],
): Promise<void> {
  const card = clusterId === null ? null : clusterCard(clusterId);
  if (await stillMay(person.id, permission, card, transaction)) return;
  throw new AppError("not-allowed", {
    params: { person: person.name, role: PERMISSIONS[permission].roles[0], place: card?.name ?? "Standdown" },
  });
}

/** What the browser may see. An unknown error shows nothing of itself; the log has it whole under the reference. */
export function toFailure(thrown: unknown): Failure {
  const error = !isAppError(thrown) && isStoreAway(thrown) ? storeUnavailable(thrown) : thrown;
  if (isAppError(error)) {
    if (FAILURES[error.kind].status >= 500)
      log.warn({ kind: error.kind, facts: error.facts, cause: causeOf(error) }, "failure");
    return { kind: error.kind, ...error.facts };
  }
  const reference = crypto.randomUUID().slice(0, 8);
  log.error({ reference, err: error }, "internal error");
  return { kind: "internal", reference };
}

const causeOf = (error: Error): string | undefined => (error.cause instanceof Error ? error.cause.message : undefined);
