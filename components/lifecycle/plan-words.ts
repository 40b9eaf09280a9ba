"use client";

import { useFormatter, useTranslations } from "next-intl";
import { useMemo } from "react";
import { DAY_AND_MINUTE } from "@/components/ui/date-formats";
import { useMoment } from "@/components/ui/use-moment";
import { useAgentWords } from "@/components/ui/use-agent-words";
import { few } from "@/lib/few";
import type { Change, Check, Impact, Majority, Plan } from "@/lib/lifecycle/schema";
import { kindOfRun } from "@/lib/tasks/engine-words";

type Params = Record<string, string | number>;

const isZoneEndpoint = ({ requests }: Plan): boolean =>
  requests.some((request) => request.path.startsWith("/api/v1/ob/zone/"));

/** Which words a plan takes: its action, apart from Force, which is never called a stop, and what a retry retries. */
export function kindOf({ action, method, run }: Pick<Plan, "action" | "method" | "run">) {
  if (method === "force") return "force";
  return action === "retry" && run && kindOfRun(run.name) === "start" ? "retryZone" : action;
}

const LONG_ID = 12;
/** A run in a sentence: `2167…0031`. Whoever shows it has the whole id next to it, or links to it. */
export const shortRun = (id: string): string => (id.length > LONG_ID ? `${id.slice(0, 4)}…${id.slice(-4)}` : id);

/** Everything that a heading, a title or a button says about a plan: verb, count, cluster, run. */
export const namesOf = (plan: Plan) => ({
  kind: kindOf(plan),
  n: plan.parts.length > 0 ? new Set(plan.parts.map((part) => part.agent)).size : plan.impact.stopping,
  cluster: plan.cluster.name,
  run: shortRun(plan.run?.id ?? ""),
});

/** Turns the keys that a plan carries into sentences. */
export function usePlanWords() {
  const t = useTranslations("plan");
  const state = useTranslations("common.state");
  const format = useFormatter();
  const agents = useAgentWords();
  const clock = useMoment();
  return useMemo(() => {
    /** Keys from the server are plain strings. The cast is safe: a key without a sentence is shown as it came. */
    const say = (key: string, params: Params = {}): string => {
      const known = key as Parameters<typeof t>[0];
      return t.has(known) ? t(known, params) : key;
    };
    const has = (key: string): boolean => t.has(key as Parameters<typeof t>[0]);
    const list = (items: readonly string[]): string => format.list(items, { type: "conjunction" });
    /** At most four items in a sentence; whoever shows it has the full list next to it. */
    const shortList = (items: readonly string[]): string => few(items, list);
    const stateWord = (name: string | number): string => {
      const known = String(name) as Parameters<typeof state>[0]; // safe: a state without a word is shown as it came
      return state.has(known) ? state(known) : String(name);
    };

    /** Agents that do not answer by their word and since when, others by name alone. */
    const agentsNamed = ({ unheard }: Pick<Plan, "unheard">, addresses: readonly string[]): string[] =>
      agents.namedAmong(unheard, addresses);

    const checkSentence = (plan: Plan, check: Check): string => {
      const { id, params } = check;
      let { message } = check;
      if (id === "root-service" && message === "stops" && plan.impact.scope?.type === "GLOBAL") message = "stopsAll";
      if (id === "agent-key" && params.address === "") message = "nobody";
      const values: Params = {
        ...params,
        list: shortList(agentsNamed(plan, check.items)),
      };
      if ("why" in params) values.why = say(`why.${params.why || "none"}`);
      if (typeof params.since === "string" && !Number.isNaN(Date.parse(params.since)))
        values.since = format.dateTime(new Date(params.since), DAY_AND_MINUTE);
      const sentence = say(`check.${id}.${message}`, values);
      if (id === "agents-answer" && message === "silent" && Number(params.silent) > 0)
        return `${sentence} ${say("check.agents-answer.waits")}`;
      return id === "majority" && params.old === "yes" ? `${sentence} ${say("check.majority.old")}` : sentence;
    };
    const checkNext = ({ id, message }: Check): string | null =>
      has(`check.${id}.next.${message}`) ? say(`check.${id}.next.${message}`) : null;

    const changeSentence = ({ message, params }: Change): string => {
      if (message === "server-state")
        return say("change.server-state", {
          ...params,
          from: stateWord(params.from ?? ""),
          to: stateWord(params.to ?? ""),
        });
      if (message === "majority") {
        const words = { ...params, from: say(`verdict.${params.from}`), to: say(`verdict.${params.to}`) };
        return say(params.tenants ? "change.majorityTenants" : "change.majority", words);
      }
      if (message === "check") return say("change.check", { name: say(`check.${params.id}.name`) });
      return has(`change.${message}`) ? say(`change.${message}`, params) : say("change.other");
    };

    const majority = ({ verdict, tenants, why }: Majority): string =>
      say(`majority.${verdict}`, { tenants: shortList(tenants), why: say(`why.${why ?? "none"}`) });
    const methodCost = (plan: Plan): string =>
      say(plan.method === "terminate" && isZoneEndpoint(plan) ? "method.terminateZone" : `method.${plan.method}`);
    const sentTo = ({ requests, coordinator }: Plan): string => {
      const agents = requests.length > 0 ? [...new Set(requests.map((request) => request.agent))] : [coordinator ?? ""];
      return coordinator === null && requests.length === 0
        ? t("request.sentNobody")
        : t("request.sent", { address: shortList(agents) });
    };
    /** As what a start goes out: a stopped zone comes back as a zone (protocol §5.3). */
    const sentAs = (scope: NonNullable<Impact["scope"]>): string => {
      const names = scope.type === "GLOBAL" ? [] : scope.target;
      return t(`sentAs.${scope.type}`, { n: names.length, list: shortList(names) });
    };
    return {
      say,
      list,
      shortList,
      stateWord,
      agentsNamed,
      checkSentence,
      checkNext,
      changeSentence,
      majority,
      methodCost,
      sentTo,
      sentAs,
      clock,
    };
  }, [t, state, format, clock, agents]);
}
