import "server-only";
import { headers } from "next/headers";
import { forbidden, notFound, redirect } from "next/navigation";
import { may, type Permission } from "../auth/permissions";
import type { Person } from "../auth/schema";
import { clusterCard, listClusters } from "../clusters/registry";
import type { ClusterCard } from "../clusters/schema";
import { isAppError, type Result } from "../errors";
import { isStoreAway } from "../store-away";
import { requireHost, requirePerson, toFailure } from "./door";
import { PATH_HEADER } from "./peer";

/**
 * First line of every page: pages check for themselves, a layout is never the only guard. Leads to the sign-in page and
 * back, to "not allowed", or to "nothing here".
 */
export async function openPage(needs: { permission?: Permission; clusterId?: string } = {}): Promise<Person> {
  const { clusterId, permission = clusterId === undefined ? undefined : "cluster.view" } = needs;
  try {
    await requireHost();
    const person = await requirePerson();
    const card = clusterId === undefined ? null : clusterCard(clusterId);
    if (permission !== undefined && !may(person.grants, permission, card)) forbidden();
    return person;
  } catch (error) {
    if (!isAppError(error) || isStoreAway(error)) throw error; // app/error.tsx tells it
    if (error.kind === "signed-out") redirect(`/login?next=${encodeURIComponent(await ownPath())}`);
    if (error.kind === "cluster-unknown") notFound();
    forbidden();
  }
}

/** The address of this page, without what the router adds for itself. */
async function ownPath(): Promise<string> {
  const asked = new URL((await headers()).get(PATH_HEADER) ?? "/", "http://console");
  asked.searchParams.delete("_rsc");
  return asked.pathname + asked.search;
}

/** The clusters that this person may see. */
export const visibleClusters = (person: Person): ClusterCard[] =>
  listClusters().filter((card) => may(person.grants, "cluster.view", card));

/** First data of a page: a failure becomes a value, so that the page shows it and goes on asking. */
export async function firstRead<T>(read: () => Promise<T>): Promise<Result<T>> {
  try {
    return { ok: true, value: await read() };
  } catch (error) {
    return { ok: false, failure: toFailure(error) };
  }
}
