import type { Kysely } from "kysely";
import { toAttempts } from "../../lib/audit/attempt";
import { auditLineSchema, sendingAction, type Attempt } from "../../lib/audit/schema";
import type { Topology } from "../../lib/clusters/schema";
import type { Tables } from "../../lib/db/tables";
import type { Result } from "../../lib/errors";
import type { Plan, Send } from "../../lib/lifecycle/schema";
import type { Simulator } from "../../lib/simulator/cluster";
import { CLUSTER, type Bench } from "./bench";

/** What was found wrong, in words by kind. */
export interface Findings {
  sentTwice: string[];
  acknowledgedLost: string[];
  falseStatements: string[];
  open: string[];
}
export const noFindings = (): Findings => ({ sentTwice: [], acknowledgedLost: [], falseStatements: [], open: [] });

/** A plan whose button was pressed, and what the press was answered with; null when nothing came back. */
export interface Pressed {
  plan: Plan;
  atMs: number;
  answer: Result<Send> | null;
  /** The agents lost what they knew: of a run that they no longer hold they can tell nothing. */
  areStoresLost: boolean;
}

type Seen = Simulator["requests"][number];
const SENDING: ReadonlySet<string> = new Set(sendingAction.options);

/** Everything that reached an agent since then and changes something. */
export const writesSince = ({ simulator }: Bench, atMs: number): Seen[] =>
  simulator.requests.filter(
    ({ method, path, at }) => method === "POST" && at >= atMs && /\/(stop|start)$|\/task\/(dag|node)\//.test(path),
  );
export const stopsSince = (bench: Bench, atMs: number): Seen[] =>
  writesSince(bench, atMs).filter(({ path }) => path.endsWith("/stop"));
const wasTaken = ({ outcome }: Seen) => outcome >= 200 && outcome < 400;

export const intentOf = (store: Kysely<Tables>, planId: string) =>
  store.selectFrom("intent").selectAll().where("plan_id", "=", planId).executeTakeFirst();

async function attemptsOf(store: Kysely<Tables>, planId: string): Promise<Attempt[]> {
  const rows = await store
    .selectFrom("audit")
    .select(["seq", "line"])
    .where("attempt_id", "like", `${planId}%`)
    .orderBy("seq")
    .execute();
  return toAttempts(rows.map(({ seq, line }) => ({ seq, line: auditLineSchema.parse(JSON.parse(line)) })));
}

const isSending = ({ opened }: Attempt) => SENDING.has(opened.action);
const ENDS: ReadonlySet<string> = new Set(["refused", "finished", "closed", "blocked", "cancelled", "expired"]);
const hasEnd = ({ event, outcome }: Attempt) =>
  ENDS.has(event) || (event === "resolved" && outcome?.runId === undefined);

/** What of a press has no end yet, in words. */
export async function stillOpen({ store }: Bench, { plan }: Pressed): Promise<string[]> {
  const intent = await intentOf(store, plan.id);
  const attempts = (await attemptsOf(store, plan.id)).filter(isSending);
  return [
    ...(intent && intent.recorded_at === null ? [`the intent of ${plan.id} is ${intent.state} and has no end`] : []),
    ...attempts.filter((attempt) => !hasEnd(attempt)).map(({ id, event }) => `the entry ${id} ends with ${event}`),
  ];
}

/** What the console says of a press in the end, beside what the agents got. */
export async function judge(bench: Bench, pressed: Pressed, found: Findings): Promise<void> {
  const { plan, answer } = pressed;
  const intent = await intentOf(bench.store, plan.id);
  const attempts = (await attemptsOf(bench.store, plan.id)).filter(isSending);
  const told = (await read(bench, `plans/${plan.id}/send`)) as Send | null;
  await judgeKept(bench, pressed, attempts, found);
  if (!intent && attempts.some(({ events }) => events.some(({ event }) => event === "confirmed")))
    found.acknowledgedLost.push(`${plan.id} was confirmed on record and has no intent`);
  const say = (words: string) => found.falseStatements.push(`${plan.id}: ${words}`);
  if (intent?.kind === "operation") return judgeOperation(bench, pressed, told, found);

  // Others stop other servers; what never came to be read may be anybody's.
  const seen = stopsSince(bench, pressed.atMs).filter(
    ({ body }) => body === null || plan.targets.some(({ address }) => JSON.stringify(body).includes(address)),
  );
  const taken = seen.filter(wasTaken);
  const [made] = taken;
  if (seen.length > 1) found.sentTwice.push(`${plan.id} reached agents ${seen.length} times`);
  if (answer?.ok && answer.value.state === "accepted" && !taken.some(({ runId }) => runId === runOf(answer.value)))
    say("it was answered to be accepted, and no agent made that run");
  if (answer && !answer.ok && taken.length > 0) say(`it was answered ${answer.failure.kind}, and an agent took it`);
  if (told?.state === "accepted" && told.runId !== made?.runId)
    say(`it says that run ${told.runId} is of it, and the agents made ${made?.runId ?? "none"}`);
  // Once its store is lost nobody holds a run of it, and whether one was made is not known: either may be said, and no more.
  const mayBeUntold =
    pressed.areStoresLost && told?.state === "none" && (told.why === undefined || told.why === "lost");
  if (told?.state === "none" && made && !mayBeUntold)
    say(`it says that there is no run (${told.why ?? "all were asked"}), and ${made.runId} is of it`);
  for (const attempt of attempts) judgeAttempt(bench, pressed, attempt, made, say);
}

const runOf = (send: Send) => (send.state === "accepted" ? send.runId : null);

function judgeAttempt(
  { simulator }: Bench,
  { areStoresLost, plan }: Pressed,
  { event, outcome, events }: Attempt,
  made: Seen | undefined,
  say: (words: string) => void,
): void {
  if (outcome?.runId !== undefined && outcome.runId !== made?.runId)
    say(`the record names run ${outcome.runId}, and the agents made ${made?.runId ?? "none"}`);
  if (event === "refused" && made) say(`the record says ${outcome?.kind ?? "refused"}, and ${made.runId} is of it`);
  if (event === "resolved" && outcome?.kind === "none" && made && !areStoresLost)
    say(`the record says that no agent holds a run of it, and ${made.runId} is of it`);
  const done = events.findLast((one) => one.event === "finished")?.detail.counts?.done ?? 0;
  const [target] = plan.targets;
  const truth = simulator.observers().find(({ address }) => address === target?.address);
  if (done > 0 && truth && !isDown(truth, plan))
    say(`the record says that ${truth.address} was stopped, and it serves`);
}

const isDown = (truth: ReturnType<Simulator["observers"]>[number], { method }: Plan): boolean =>
  method === "stop" ? truth.isServiceStopped || !truth.isRunning : !truth.isRunning;

/** What was acknowledged to the person is in the store. */
async function judgeKept(
  { store }: Bench,
  { plan, answer }: Pressed,
  attempts: Attempt[],
  found: Findings,
): Promise<void> {
  const kept = await store.selectFrom("plan").select("id").where("id", "=", plan.id).executeTakeFirst();
  if (!kept) found.acknowledgedLost.push(`plan ${plan.id} is gone`);
  if (!answer?.ok) return;
  const events = new Set(attempts.flatMap((attempt) => attempt.events.map(({ event }) => event)));
  const wanted = answer.value.state === "accepted" ? ["confirmed", "accepted"] : ["confirmed"];
  for (const event of wanted)
    if (![...events].some((one) => one === event || (event === "accepted" && one === "resolved")))
      found.acknowledgedLost.push(`plan ${plan.id} was answered ${answer.value.state} and its record has no ${event}`);
}

/** Requests of a cancel or a release, each to the agent that owns its task. */
function judgeOperation(bench: Bench, { plan, atMs }: Pressed, told: Send | null, found: Findings): void {
  const seen = writesSince(bench, atMs).filter(({ path }) => path.includes("/task/"));
  const counts = new Map<string, number>();
  for (const { agent, path, body } of seen) {
    const key = `${agent} ${path} ${JSON.stringify(body)}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  for (const [key, count] of counts) if (count > 1) found.sentTwice.push(`${plan.id}: ${key} ${count} times`);
  if (told?.state !== "operating") return;
  for (const { agent, taskId, does, result } of told.parts) {
    const own = seen.filter((request) => request.agent === agent && request.path.endsWith(`/${taskId}`));
    const say = (words: string) =>
      found.falseStatements.push(`${plan.id}: ${does} ${agent} is ${result}, and ${words}`);
    if (result === "not-sent" && own.length > 0) say("its agent got it");
    if (result === "refused" && own.some(wasTaken)) say("its agent took it");
    const isHeld = bench.simulator.locks().some((lock) => lock.address === agent && lock.dagId === taskId);
    if (result === "done" && isHeld) say("it still holds its agent");
  }
}

/** A read of the console that answers last, or null while it cannot. */
async function read({ consoles, cookie }: Bench, path: string): Promise<unknown> {
  const url = `${consoles.at(-1)?.url ?? ""}/api/clusters/${CLUSTER}/${path}`;
  const answer = await fetch(url, { headers: { cookie } }).catch(() => null);
  return answer?.ok ? answer.json() : null;
}

/** What each server is shown to be; null while the cluster cannot be looked at. */
async function shownStates(bench: Bench): Promise<Map<string, string> | null> {
  const answer = (await read(bench, "topology")) as { topology?: Topology } | null;
  const servers = answer?.topology?.zones.flatMap((zone) => zone.servers);
  return servers ? new Map(servers.map(({ address, state }) => [address, state] as const)) : null;
}

/** How many servers are not shown to serve. */
export async function notServing(bench: Bench): Promise<number> {
  const shown = await shownStates(bench);
  return bench.agents.filter((address) => shown?.get(address) !== "SERVING").length;
}

/** Servers of which the picture of the cluster says what they are not, in words. */
export async function falsePicture(bench: Bench): Promise<string[]> {
  const shown = await shownStates(bench);
  if (!shown) return ["the cluster cannot be looked at"];
  return bench.simulator.observers().flatMap(({ address, isRunning }) => {
    const state = shown.get(address);
    const isFalse = isRunning ? state === "PROCESS_STOPPED" : state === "SERVING";
    return isFalse ? [`${address} is shown as ${state ?? "absent"}, and it ${isRunning ? "runs" : "is down"}`] : [];
  });
}
