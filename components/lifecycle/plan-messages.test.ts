import { expect, test } from "vitest";
import type { checkId } from "@/lib/lifecycle/schema";
import { blockReason, majoritySchema, majorityVerdict } from "@/lib/lifecycle/schema";
import { MESSAGES } from "@/lib/i18n/messages";

/** Every key that the server side may put into a plan. A key without a sentence would be shown as it is. */
const CHECKS: Record<(typeof checkId.options)[number], string[]> = {
  fresh: ["ok", "stale"],
  "nobody-else": ["ok", "running", "holds", "choose", "foreign", "not-asked", "unknown"],
  "agents-answer": ["ok", "silent", "partly"],
  "clocks-agree": ["ok", "apart", "offset", "unknown"],
  majority: ["kept", "no-spare", "lost", "unknown", "refused"],
  "one-zone": ["ok", "spans", "other-stopped", "global", "not-needed"],
  "root-service": ["ok", "stops"],
  coordinator: ["ok", "target", "none", "database"],
  "agent-key": ["ok", "changed", "first"],
  members: [],
  "cluster-task": [],
  "start-order": [],
  run: "ok cancel retry skip release silent not-a-run over going cancelling stage version nothing-held unknown".split(
    " ",
  ),
};
const TIER_REASONS =
  "production several-zones force force-production majority-lost majority-unknown more-than-half whole-cluster warning-overridden operation";
const CHANGES = "server-state majority agents coordinator targets check";

const keys = [
  ...Object.entries(CHECKS).flatMap(([id, messages]) => ["name", ...messages].map((key) => `check.${id}.${key}`)),
  ...TIER_REASONS.split(" ").map((reason) => `tierReason.${reason}`),
  ...CHANGES.split(" ").map((change) => `change.${change}`),
  ...blockReason.options.map((reason) => `block.${reason}`),
  ...majorityVerdict.options.flatMap((verdict) => [`majority.${verdict}`, `verdict.${verdict}`]),
  ...majoritySchema.shape.why.unwrap().options.map((why) => `why.${why}`),
];

const find = (tree: unknown, key: string): unknown =>
  key
    .split(".")
    .reduce(
      (at: unknown, part) =>
        at !== null && typeof at === "object" ? Object.entries(at).find(([name]) => name === part)?.[1] : undefined,
      tree,
    );

test.each(["en", "zh"] as const)("every key of a plan has a sentence in %s", (locale) => {
  expect(keys.filter((key) => typeof find(MESSAGES[locale].plan, key) !== "string")).toEqual([]);
});
