import type { AuditLine, SendingAction } from "@/lib/audit/schema";
import { isSending } from "./actions";

type Opened = Pick<AuditLine, "action" | "detail">;

/** What was planned, also where only its check, its approval or its giving up was written down. */
export const plannedOf = ({ action, detail }: Opened): SendingAction =>
  isSending(action) ? action : (detail.planned ?? "cluster.stop");

/** It is about something done with a run that exists. */
export const isAboutRun = (opened: Opened): boolean => {
  const planned = plannedOf(opened);
  return planned !== "cluster.stop" && planned !== "cluster.start";
};
