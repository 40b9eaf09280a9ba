import type { Mark } from "@/components/ui/state-mark";
import type { PartResult } from "@/lib/lifecycle/schema";

export const RESULT_MARK: Record<PartResult["result"], Mark> = {
  waiting: "waiting",
  sending: "running",
  done: "done",
  already: "done",
  refused: "failed",
  silent: "unknown",
  "not-seen": "unknown",
  "not-sent": "cancelled",
};

export const isDone = ({ result }: PartResult): boolean => result === "done" || result === "already";
/** It came to its end, and not to what was asked for. */
export const isLeft = ({ result }: PartResult): boolean =>
  result === "refused" || result === "silent" || result === "not-seen" || result === "not-sent";

const WORST_FIRST: PartResult["result"][] = [
  "refused",
  "silent",
  "not-seen",
  "not-sent",
  "sending",
  "waiting",
  "already",
  "done",
];

/** The worst news first, otherwise in the order in which they are sent. */
export const worstFirst = (parts: readonly PartResult[]): PartResult[] =>
  parts.toSorted((left, right) => WORST_FIRST.indexOf(left.result) - WORST_FIRST.indexOf(right.result));
