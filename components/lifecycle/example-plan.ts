import type { Plan } from "@/lib/lifecycle/schema";
import type { LivePlan } from "./use-live-plan";

/** For tests: a routine plan for one server of nine. */
export function examplePlan(change: Partial<Plan> = {}): Plan {
  const at = "2026-11-23T03:12:41.000Z";
  const zones = ["zone1", "zone2", "zone3"].map((zone) => ({
    zone,
    stopping: zone === "zone1" ? 1 : 0,
    down: 0,
    total: 3,
  }));
  return {
    id: "plan-1",
    person: "li.wei",
    fingerprint: "f1",
    cluster: { id: "c1", name: "prod-core", environment: "TEST" },
    action: "stop",
    method: "stop",
    run: null,
    continues: null,
    cancels: null,
    targets: [
      {
        address: "10.0.1.1:2886",
        zone: "zone1",
        state: "SERVING",
        agentAnswers: true,
        unheard: null,
        rootServer: false,
      },
    ],
    impact: {
      stopping: 1,
      unclear: 0,
      staying: 8,
      outOfReach: [],
      total: 9,
      zones,
      scope: { type: "SERVER", target: ["10.0.1.1:2886"] },
      majority: {
        verdict: "no-spare",
        tenants: ["pay"],
        judged: 2,
        source: "estimate",
        why: null,
        doubts: [],
        setAside: [],
        guard: "database",
      },
      rootServerStops: false,
      blocks: [],
    },
    checks: [
      { id: "fresh", level: "ok", message: "ok", params: { seconds: 1 }, items: [], commands: [], checkedAt: at },
    ],
    tier: 1,
    tierReasons: [],
    coordinator: "10.0.2.1:2886",
    blockers: [],
    notAsked: [],
    toldAt: null,
    unheard: [],
    parts: [],
    requests: [{ agent: "10.0.2.1:2886", method: "POST", path: "/api/v1/ob/stop", body: "{}" }],
    commandLine: "obshell cluster stop -s 10.0.1.1:2886 -I",
    createdAt: at,
    expiresAt: at,
    expiresInMs: 300_000,
    ageMs: 1_000,
    changes: [],
    needsApproval: false,
    approval: null,
    state: "open",
    ...change,
  };
}

export function exampleLive(plan: Plan, change: Partial<LivePlan> = {}): LivePlan {
  const now = Date.now();
  return {
    plan,
    asOfMs: now - plan.ageMs,
    madeAtMs: now,
    expiresAtMs: now + plan.expiresInMs,
    offlineSinceMs: null,
    isSignedOut: false,
    gone: null,
    isFetching: false,
    refetch: () => undefined,
    take: () => undefined,
    ...change,
  };
}
