import { setTimeout as sleep } from "node:timers/promises";
import type { Kysely } from "kysely";
import { verifyChain } from "../../lib/audit/verify-chain";
import type { Tables } from "../../lib/db/tables";
import type { Send } from "../../lib/lifecycle/schema";
import { startSimulator } from "../../lib/simulator/cluster";
import { actsOf, calmPlan } from "../support/acts";
import { startConsole } from "../support/console";
import { ADMINISTRATOR, signIn } from "../support/sign-in";
import { lookInto } from "./store";

const CLUSTER = "demo";
const PASSWORD = "only-for-tests";
const TIME_SCALE = 40;
const SETTLE_MS = 1_000;
/** How long a stop takes from the press to the answer, at first; then as it is seen. */
const USUAL_MS = 400;
const SLOWEST_MS = 150;
const SOON_MS = 60;
const RUN_MS = 3_000;
const END_MS = 60_000;

export interface Tally {
  kills: number;
  doubleStops: number;
  lostAuditEntries: number;
  openIntents: number;
  unknown: number;
  /** How the chain stands at the end. */
  chain: string;
  /** Promises broken besides, in words; and where the kills fell. */
  wrong: string[];
  fell: Record<string, number>;
}

/** One console with its simulated cluster and store, killed so many times around a stop; `from` varies the moments between lanes. */
export async function runLane(
  place: string,
  { kills, from }: { kills: number; from: number },
  say: (text: string) => void,
): Promise<Tally> {
  const simulator = await startSimulator({
    scenario: "medium",
    basePort: 0,
    timeScale: TIME_SCALE,
    password: PASSWORD,
    clusterName: "demo",
  });
  const agents = simulator.agents.map((agent) => agent.address);
  const entry = { id: CLUSTER, name: "demo", environment: "TEST" as const, agents: agents.slice(0, 3) };
  const env = { STANDDOWN_SETTLE_MS: String(SETTLE_MS), STANDDOWN_LOG_LEVEL: "error" };
  const console = await startConsole([{ ...entry, password: PASSWORD }], place, env);
  const store = lookInto(place, console.dataDir);
  const tally: Tally = {
    ...{ kills: 0, doubleStops: 0, lostAuditEntries: 0, openIntents: 0, unknown: 0, chain: "ok" },
    ...{ wrong: [], fell: {} },
  };
  const stopsSent = () =>
    simulator.requests.filter(({ method, path, outcome }) => method === "POST" && /\/stop$/.test(path) && outcome < 400)
      .length;
  let usualMs = USUAL_MS;
  try {
    const cookie = await signIn(console.url, ADMINISTRATOR);
    const act = actsOf(console.url, cookie, CLUSTER);
    for (let at = 0; at < kills; at += 1) {
      for (const agent of agents) simulator.setObserver(agent, "serving");
      const method = Math.random() < 0.5 ? "force" : "stop";
      const plan = await calmPlan(act, { action: "stop", servers: [agents[at % agents.length] ?? ""], method });
      const acknowledged: { event: string; planId: string }[] = [];
      if (at % 3 === 0 && (await act("checkOnly", { planId: plan.id })).ok)
        acknowledged.push({ event: "checked", planId: plan.id });
      const beganMs = Date.now();
      const sentBefore = stopsSent();
      const seen = await headOf(store);
      if (Math.random() < 0.5)
        simulator.setFault("*", { kind: "slow", delayMs: Math.round(Math.random() * SLOWEST_MS) });
      const typed = { reason: "INC-1 crash test", typedName: "demo", breakGlass: false };
      const startedMs = performance.now();
      const confirming = act<Send>("confirmPlan", { planId: plan.id, fingerprint: plan.fingerprint, ...typed }).then(
        (answer) => {
          usualMs = (usualMs + performance.now() - startedMs) / 2;
          return answer;
        },
        () => null, // killed before it answered
      );
      // A random moment: anywhere in the stop, soon after its intent or its request is there, or in its run.
      const [until, span = 0] =
        [
          [() => Promise.resolve(true), usualMs * 1.5] as const,
          [async () => (await stateOf(store, plan.id)) !== null, SOON_MS] as const,
          [() => Promise.resolve(stopsSent() > sentBefore), SOON_MS] as const,
          [() => Promise.resolve(stopsSent() > sentBefore), RUN_MS] as const,
        ][(from + at) % 4] ?? [];
      let isAnswered = false;
      void confirming.then(() => (isAnswered = true));
      while (until && !isAnswered && !(await until())) await sleep(3);
      await sleep(Math.random() * span);
      const wasAnswered = isAnswered;
      await console.kill();
      tally.kills += 1;
      const answer = await confirming;
      if (answer?.ok && answer.value.state === "accepted")
        acknowledged.push({ event: "accepted", planId: plan.id }, { event: "confirmed", planId: plan.id });
      const left = await stateOf(store, plan.id);
      const place = `${wasAnswered ? "answered" : "waiting"}, ${left ?? "no intent"}`;
      tally.fell[place] = (tally.fell[place] ?? 0) + 1;
      simulator.clearFaults();
      await console.restart();
      const state = await settle(store, plan.id);
      const sent = stopsSent() - sentBefore;
      if (sent > 1) tally.doubleStops += 1;
      const isRight = state === "accepted" ? sent === 1 : state === "none" || state === null ? sent === 0 : true;
      if (!isRight) tally.wrong.push(`plan ${plan.id} is ${state ?? "without an intent"}, but ${sent} stops were sent`);
      tally.lostAuditEntries += await countLost(store, seen, acknowledged);
      const took = ((Date.now() - beganMs) / 1_000).toFixed(1);
      say(`kill ${at + 1} of ${kills}: ${place}; then ${state ?? "no intent"}, sent ${sent}, ${took} s`);
    }
    await finish(store, tally);
  } catch (error) {
    tally.wrong.push(`${error instanceof Error ? error.stack : String(error)}\n${console.log().slice(-2_000)}`);
  } finally {
    await store.destroy();
    await console.stop();
    await simulator.close();
  }
  return tally;
}

const headOf = (store: Kysely<Tables>) =>
  store.selectFrom("audit").select(["seq", "hash"]).orderBy("seq", "desc").limit(1).executeTakeFirst();

async function stateOf(store: Kysely<Tables>, planId: string): Promise<string | null> {
  const row = await store.selectFrom("intent").select("state").where("plan_id", "=", planId).executeTakeFirst();
  return row?.state ?? null;
}

/** Waits until the console has brought the plan's intent to its end, or a minute is over. */
async function settle(store: Kysely<Tables>, planId: string): Promise<string | null> {
  for (const untilMs = Date.now() + END_MS; ; await sleep(100)) {
    const row = await store.selectFrom("intent").selectAll().where("plan_id", "=", planId).executeTakeFirst();
    if (!row) return null;
    if (row.recorded_at !== null || Date.now() > untilMs) return row.state;
  }
}

/** Entries that were acknowledged, to the browser or by being read, and are no longer there. */
async function countLost(
  store: Kysely<Tables>,
  seen: { seq: number; hash: string } | undefined,
  acknowledged: readonly { event: string; planId: string }[],
): Promise<number> {
  let lost = 0;
  if (seen) {
    const row = await store.selectFrom("audit").select("hash").where("seq", "=", seen.seq).executeTakeFirst();
    if (row?.hash !== seen.hash) lost += 1;
  }
  for (const { event, planId } of acknowledged) {
    const found = await store
      .selectFrom("audit")
      .select("seq")
      .where("event", "=", event)
      .where("attempt_id", "like", `${planId}%`)
      .executeTakeFirst();
    if (!found) lost += 1;
  }
  return lost;
}

/** At the end every run is followed to its end, and the chain holds. */
async function finish(store: Kysely<Tables>, tally: Tally): Promise<void> {
  const open = () => store.selectFrom("intent").select(["state"]).where("recorded_at", "is", null).execute();
  const untilMs = Date.now() + END_MS * 2;
  let left = await open();
  for (; left.length > 0 && Date.now() < untilMs; left = await open()) await sleep(200);
  tally.unknown = left.filter(({ state }) => state === "unknown").length;
  tally.openIntents = left.length - tally.unknown;
  const verdict = await verifyChain(store);
  if (!verdict.ok) tally.chain = `broken at row ${verdict.seq}: ${verdict.fault}`;
}
