import type { AuditLine } from "@/lib/audit/schema";

/** What a plan is for, as the action under which its sending is recorded. */
export type Planned = Extract<
  AuditLine["action"],
  "cluster.stop" | "cluster.start" | "run.cancel" | "run.retry" | "run.skip" | "run.release"
>;

/** The stored title is English and begins with the verb (lib/lifecycle/describe.ts). */
const BY_TITLE: readonly (readonly [RegExp, Planned])[] = [
  [/^Start \d/, "cluster.start"],
  [/^Cancel run /, "run.cancel"],
  [/^Retry run /, "run.retry"],
  [/^Skip the flush /, "run.skip"],
  [/^Release run /, "run.release"],
];
const ALL: ReadonlySet<string> = new Set(["cluster.stop", ...BY_TITLE.map(([, planned]) => planned)]);

const isPlanned = (action: string): action is Planned => ALL.has(action);

/** Whether this sends something to the agents. */
export const isSending = isPlanned;

/** What was planned, also where only its check, its approval or its giving up was written down. */
export function plannedOf({ action, detail }: Pick<AuditLine, "action" | "detail">): Planned {
  if (isPlanned(action)) return action;
  return BY_TITLE.find(([title]) => title.test(detail.title ?? ""))?.[1] ?? "cluster.stop";
}
