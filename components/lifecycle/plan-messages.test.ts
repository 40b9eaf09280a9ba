import { createTranslator } from "next-intl";
import { expect, test } from "vitest";
import type { checkId } from "@/lib/lifecycle/schema";
import { blockReason, majoritySchema, majorityVerdict } from "@/lib/lifecycle/schema";
import { MESSAGES } from "@/lib/i18n/messages";

/** Every key that the server side may put into a plan. A key without a sentence would be shown as it is. */
const CHECKS: Record<(typeof checkId.options)[number], string[]> = {
  fresh: ["ok", "stale"],
  "nobody-else": "ok running holds holds-unknown choose choose-unknown foreign not-asked unknown".split(" "),
  "agents-answer": ["ok", "silent", "hangs", "waits", "partly"],
  "clocks-agree": ["ok", "apart", "offset", "partly", "unknown"],
  majority: ["kept", "no-spare", "lost", "unknown", "refused", "old"],
  "one-zone": ["ok", "spans", "other-stopped", "global", "refused", "not-needed", "unknown", "recorded"],
  "zone-status": ["recorded", "recorded-servers", "no-record", "servers"],
  "root-service": ["ok", "stops", "sys-lost"],
  coordinator: ["ok", "only", "held", "guard", "target", "none", "database"],
  "agent-key": ["ok", "changed", "first"],
  members: ["ok", "changing", "outside", "starting", "versions", "database"],
  "cluster-task": ["ok", "unknown", "running", "since"],
  "start-order": ["ok", "all", "database", "minority"],
  run: "ok cancel retry skip release silent not-a-run over going cancelling stage version nothing-held unknown".split(
    " ",
  ),
};
const TIER_REASONS =
  "production several-zones force force-production majority-lost majority-unknown more-than-half whole-cluster warning-overridden operation";
const CHANGES =
  "server-state majority agents coordinator targets targets-agentless out-of-reach set-aside blocker-came blocker-gone blocker-going blocker-holds majority-basis run-state check";

const keys = [
  ...Object.entries(CHECKS).flatMap(([id, messages]) => ["name", ...messages].map((key) => `check.${id}.${key}`)),
  ...TIER_REASONS.split(" ").map((reason) => `tierReason.${reason}`),
  ...CHANGES.split(" ").map((change) => `change.${change}`),
  ...blockReason.options.map((reason) => `block.${reason}`),
  ...majorityVerdict.options.flatMap((verdict) => [`majority.${verdict}`, `verdict.${verdict}`]),
  ...majoritySchema.shape.why.unwrap().options.map((why) => `why.${why}`),
  "why.zones-not-reported",
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

/** Every value that some check or change carries. */
const VALUES = {
  ...{ action: "start", by: "li.wei", run: "2167", name: "Stop OB", agents: 2, count: 2, total: 9, list: "a, b" },
  ...{ identity: "SINGLE", version: "4.5.0.0", oldest: "4.3.1.0", newest: "4.5.0.0", first: "a", second: "b" },
  ...{ seconds: 3, limit: 10, since: "1 Jan", tenants: "pay", source: "estimate", guard: "nobody", silent: "yes" },
  ...{ code: "OB.X", named: 1, why: "x", zones: "zone1", address: "a", outside: 1, database: 1, going: "no" },
  ...{ work: "going", was: 1, aside: 1 },
  ...{ from: "RUNNING", to: "FAILED", gone: "a" },
};

test.each(["en", "zh"] as const)("every sentence of a check or a change in %s can be put together", (locale) => {
  const errors: string[] = [];
  const t = createTranslator({
    locale,
    messages: MESSAGES[locale],
    namespace: "plan",
    onError: (error) => errors.push(error.message),
  });
  // Safe: the keys were looked up above.
  const say = (key: string, values: Record<string, string | number>) => t(key as Parameters<typeof t>[0], values);
  const spoken = keys.filter((key) => key.startsWith("check.") || key.startsWith("change."));
  for (const action of ["start", "stop"]) for (const key of spoken) say(key, { ...VALUES, action });
  expect(errors).toEqual([]);
});
