import { setTimeout as sleep } from "node:timers/promises";
import type { Result } from "../../lib/errors";
import type { Plan, Send } from "../../lib/lifecycle/schema";
import { calmPlan, makePlan, type Act } from "../support/acts";
import type { Bench } from "./bench";
import {
  falsePicture,
  intentOf,
  judge,
  noFindings,
  notServing,
  stillOpen,
  writesSince,
  type Findings,
  type Pressed,
} from "./judge";

/** What has no end is swept within a minute; some seconds more for a machine that is busy. */
const END_MS = 75_000;
const RECOVERED_MS = 120_000;
const PICTURE_MS = 30_000;
const SERVICE_MS = 30_000;
const PRESSES = 5;
/** A press that is not answered by then is looked at as it is. */
const ANSWER_MS = 60_000;
const STANDS_IN_THE_WAY_MS = 15_000;
const CLERK_MS = 200;
/** A person keeps so many plans; older ones may go. */
const CLERK_PLANS = 10;
const PASSWORD_WORDS = { reason: "INC-1 fault test", typedName: "demo", breakGlass: false };

/** Where in a stop the trouble comes: before its press, while it is judged, once its intent or its request is there, or in its run. */
export type Moment = "before" | "judging" | "intent" | "request" | "run";

export interface Trouble {
  moments: readonly Moment[];
  begin(bench: Bench, at: number): Promise<void> | void;
  /** How long it lasts. */
  holdMs: (isShort: boolean) => number;
  end(bench: Bench): Promise<void> | void;
  /** The console whose button is pressed, and the one at which somebody else goes on working; null: nobody does. */
  presses?: (at: number) => number;
  works?: number | null;
  /** What the person presses; a stop of one server unless told. */
  prepare?: (bench: Bench, at: number, act: Act) => Promise<Plan>;
  losesStores?: boolean;
  /** What ended may stand in the way of what comes: another stop is pressed afterwards, and has to be taken. */
  asksAgain?: boolean;
}

export interface Round {
  found: Findings;
  recoverySeconds: number;
  /** What it was, for who watches. */
  story: string;
}

/** One press with the trouble around it, then recovery, then the ends, then the truth. */
export async function runRound(bench: Bench, trouble: Trouble, at: number, isShort: boolean): Promise<Round> {
  const { simulator, agents, acts } = bench;
  simulator.clearFaults();
  for (const agent of agents) simulator.setObserver(agent, "serving");
  const pressing = trouble.presses?.(at) ?? 0;
  const act = acts[pressing];
  if (!act) throw new Error(`There is no console ${pressing}.`);
  const moment = trouble.moments[at % trouble.moments.length] ?? "before";
  const areStoresLost = trouble.losesStores ?? false;
  const begun = await begin(bench, { act, at, moment, trouble });
  const pressed: Pressed = { ...begun, answer: null, areStoresLost };
  const { plan, answering } = begun;
  const clerk = startClerk(
    trouble.works === undefined ? act : trouble.works === null ? null : acts[trouble.works],
    plan,
  );
  await sleep(trouble.holdMs(isShort));
  await trouble.end(bench);
  const endedMs = performance.now();
  const recoverySeconds = await recover(bench, plan, endedMs);
  await clerk.stop();
  pressed.answer = await Promise.race([answering, sleep(ANSWER_MS, null, { ref: false })]);

  const found = noFindings();
  found.open.push(...(await settle(bench, pressed, endedMs)));
  await judge(bench, pressed, found);
  await clerk.judge(bench, found);
  found.falseStatements.push(...(await waitForPicture(bench)));
  await judgeFreedom(bench, trouble, pressed, found);
  await tidy(bench);
  const { answer } = pressed;
  const words = answer ? (answer.ok ? answer.value.state : answer.failure.kind) : "no answer";
  return { found, recoverySeconds, story: `${moment}: ${words}, back after ${recoverySeconds.toFixed(1)} s` };
}

interface Begun {
  plan: Plan;
  atMs: number;
  answering: Promise<Result<Send> | null>;
}
interface Beginning {
  act: Act;
  at: number;
  moment: Moment;
  trouble: Trouble;
}

/** Presses, and lets the trouble come at its moment; what was refused before that is reviewed and pressed again. */
async function begin(bench: Bench, { act, at, moment, trouble }: Beginning): Promise<Begun> {
  for (let tries = 1; ; tries += 1) {
    await waitForService(bench);
    const plan = await (trouble.prepare ?? stopPlan)(bench, at, act);
    if (moment === "before") await trouble.begin(bench, at);
    const atMs = Date.now();
    let answer: Result<Send> | null | undefined;
    const answering = press(act, plan).then((given) => (answer = given));
    if (moment !== "before") {
      await waitForMoment(bench, { plan, atMs }, moment, () => answer !== undefined);
      if (answer && !answer.ok && tries < PRESSES) continue;
      await trouble.begin(bench, at);
    }
    return { plan, atMs, answering };
  }
}

/** A server that was just started is seen to serve only later, and a plan from before that has changed by then. */
async function waitForService(bench: Bench): Promise<void> {
  for (const untilMs = Date.now() + SERVICE_MS; Date.now() < untilMs; await sleep(200))
    if ((await notServing(bench)) === 0) return;
}

const stopPlan = ({ agents }: Bench, at: number, act: Act): Promise<Plan> =>
  calmPlan(act, { action: "stop", servers: [agents[at % agents.length] ?? ""], method: at % 2 ? "stop" : "force" });

export const press = (act: Act, { id, fingerprint }: Plan): Promise<Result<Send> | null> =>
  act<Send>("confirmPlan", { planId: id, fingerprint, ...PASSWORD_WORDS }).catch(() => null);

async function waitForMoment(
  bench: Bench,
  pressed: Pick<Pressed, "plan" | "atMs">,
  moment: Moment,
  isAnswered: () => boolean,
): Promise<void> {
  const hasCome = async () =>
    moment === "judging" ||
    (moment === "intent"
      ? (await intentOf(bench.store, pressed.plan.id).catch(() => null)) !== undefined
      : writesSince(bench, pressed.atMs).length > 0);
  while (!isAnswered() && !(await hasCome())) await sleep(2);
  await sleep(Math.random() * { before: 0, judging: 400, intent: 15, request: 40, run: 1_500 }[moment]);
}

/** Until every console makes plans and writes them down again; the seconds since the trouble ended. */
async function recover({ acts }: Bench, plan: Plan, endedMs: number): Promise<number> {
  for (const act of acts) {
    let last: unknown;
    while (!(await works(act, plan).catch((error: unknown) => ((last = error), false)))) {
      if (performance.now() - endedMs > RECOVERED_MS) throw new Error(`a console does not recover: ${String(last)}`);
      await sleep(100);
    }
  }
  return (performance.now() - endedMs) / 1_000;
}

async function works(act: Act, plan: Plan): Promise<boolean> {
  const { action, method, targets, run } = plan;
  const isStop = action === "stop" || action === "start";
  const servers = targets.map(({ address }) => address);
  const request = isStop ? { action, method, servers } : { action: "cancel", runId: run?.id };
  const made = await makePlan(act, request);
  if (!made.ok) throw new Error(made.failure.kind);
  const checked = await act("checkOnly", { planId: made.value.id });
  if (!checked.ok) throw new Error(checked.failure.kind);
  return true;
}

/** Waits until everything about the press has its end; what has none by then, in words. */
async function settle(bench: Bench, pressed: Pressed, endedMs: number): Promise<string[]> {
  for (;;) {
    const open = await stillOpen(bench, pressed).catch((error: unknown) => [String(error)]);
    if (open.length === 0 || performance.now() - endedMs > END_MS) return open;
    await sleep(200);
  }
}

async function waitForPicture(bench: Bench): Promise<string[]> {
  for (const untilMs = Date.now() + PICTURE_MS; ; await sleep(300)) {
    const wrong = await falsePicture(bench);
    if (wrong.length === 0 || Date.now() > untilMs) return wrong;
  }
}

/** Once nothing is going on, nothing is said to be, and at every console the next stop is taken. */
async function judgeFreedom(bench: Bench, trouble: Trouble, { plan, answer }: Pressed, found: Findings): Promise<void> {
  const wasInTheWay = answer?.ok === false && answer.failure.kind === "stop-in-progress";
  if (!wasInTheWay && !trouble.asksAgain) return;
  for (const act of bench.acts) {
    let last = "";
    for (const untilMs = Date.now() + STANDS_IN_THE_WAY_MS; ; await sleep(500)) {
      const servers = plan.targets.map(({ address }) => address);
      for (const server of servers) bench.simulator.setObserver(server, "serving");
      await waitForService(bench);
      const made = await makePlan(act, { action: "stop", servers, method: "force" });
      const atMs = Date.now();
      const again = made.ok ? await press(act, made.value) : made;
      if (again?.ok && made.ok) {
        const pressed = { plan: made.value, atMs, answer: null, areStoresLost: false };
        found.open.push(...(await settle(bench, pressed, performance.now())));
        break;
      }
      last = again && !again.ok ? again.failure.kind : "no answer";
      if (Date.now() < untilMs) continue;
      found.falseStatements.push(`after ${plan.id} the next stop is refused with ${last}, and nothing is going on`);
      break;
    }
  }
}

/** What a run left locked goes, so that the next round begins on a calm cluster. */
async function tidy({ simulator, store }: Bench): Promise<void> {
  simulator.clearFaults();
  const isGoing = () =>
    store.selectFrom("intent").select("plan_id").where("recorded_at", "is", null).executeTakeFirst();
  for (const untilMs = Date.now() + 10_000; Date.now() < untilMs && (await isGoing());) await sleep(200);
  if (simulator.locks().length > 0) simulator.setFault("*", { kind: "store-lost" });
}

/** Somebody who goes on making plans and having them checked, and remembers what was acknowledged. */
function startClerk(act: Act | null | undefined, { targets, id }: Plan) {
  let isOver = false;
  let checked = 0;
  const plans: string[] = [];
  const work = async () => {
    for (let at = 0; act && !isOver; at += 1) {
      if (at % 2 === 0 && plans.length < CLERK_PLANS) {
        const servers = targets.map(({ address }) => address).slice(0, 1);
        const made = await makePlan(act, { action: "stop", servers, method: "force" }).catch(() => null);
        if (made?.ok) plans.push(made.value.id);
      } else if ((await act("checkOnly", { planId: id }).catch(() => null))?.ok) checked += 1;
      await sleep(CLERK_MS);
    }
  };
  const working = work();
  return {
    async stop() {
      await sleep(1_000);
      isOver = true;
      await Promise.race([working, sleep(ANSWER_MS, null, { ref: false })]);
    },
    async judge({ store }: Bench, found: Findings) {
      // That it was begun is on record before it is; how it ended may be missing, and its entry is open then.
      const rows = await store
        .selectFrom("audit")
        .select("seq")
        .where("action", "=", "plan.check")
        .where("event", "=", "opened")
        .where("attempt_id", "like", `${id}%`)
        .execute();
      if (rows.length < checked)
        found.acknowledgedLost.push(`${checked} checks were acknowledged, and ${rows.length} are on record`);
      if (plans.length === 0) return;
      const kept = await store.selectFrom("plan").select("id").where("id", "in", plans).execute();
      if (kept.length < plans.length)
        found.acknowledgedLost.push(`${plans.length} plans were acknowledged, and ${kept.length} are kept`);
    },
  };
}
