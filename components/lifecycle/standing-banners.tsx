"use client";

import dynamic from "next/dynamic";
import { usePathname } from "next/navigation";
import type { Result } from "@/lib/errors";
import type { Closing } from "@/lib/lifecycle/schema";
import { useStanding } from "./use-standing";

const StandingList = dynamic(() => import("./standing-list").then((loaded) => loaded.StandingList));

/** Above every page of the cluster: what others send, what nobody can tell about, requests for approval, and what is down by us. */
export function StandingBanners({
  clusterId,
  me,
  closeIntent,
}: {
  clusterId: string;
  me: string;
  /** null for whoever may not. */
  closeIntent: ((closing: Closing) => Promise<Result<null>>) | null;
}) {
  const path = usePathname();
  const standing = useStanding(clusterId);
  const base = `/clusters/${clusterId}`;
  const stops = (standing?.stops ?? []).filter(
    ({ person, state, runId }) =>
      state === "looking" || state === "silent" || (person !== me && path !== `${base}/runs/${runId}`),
  );
  const approvals = (standing?.approvals ?? []).filter(({ id }) => path !== `${base}/approvals/${id}`);
  // Where somebody chooses what to start, or looks at that very stop, it is said already.
  const going = new Set(standing?.stops.map(({ runId }) => runId));
  const down =
    path === `${base}/start`
      ? []
      : (standing?.down ?? []).filter(({ runId }) => !going.has(runId) && !path.startsWith(`${base}/runs/${runId}`));
  if (stops.length + approvals.length + down.length === 0) return null;
  return (
    <StandingList clusterId={clusterId} stops={stops} approvals={approvals} down={down} closeIntent={closeIntent} />
  );
}
