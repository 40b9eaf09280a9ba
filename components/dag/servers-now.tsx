"use client";

import { useTranslations } from "next-intl";
import { STATE_MARK } from "@/components/topology/state-look";
import { Glyph } from "@/components/ui/state-mark";
import { useMoment } from "@/components/ui/use-moment";
import { WholeList } from "@/components/ui/whole-list";
import type { Run, ServersNow as Now } from "@/lib/tasks/schema";
import { AddressList } from "./address-list";
import { UnheardAgents } from "./unheard-agents";
import { NAMED, useAgentNames } from "./use-agent-names";

/** What the servers show, whatever the run says; kept fresh for as long as the page is open (ux V-4, P2). */
export function ServersNow({ run }: { run: Run }) {
  const t = useTranslations("run.now");
  const word = useTranslations("common.state");
  const names = useAgentNames();
  const moment = useMoment();
  const { now } = run;
  if (!now) return <p className="text-ink-2">{t("notYet")}</p>;
  return (
    <div className="space-y-1.5">
      <p className="text-sm text-ink-2">{t("at", { time: moment(now.checkedAt, run.consoleNowMs) })}</p>
      {now.of === "cluster" ? <p className="text-sm text-ink-2">{t("ofCluster")}</p> : null}
      <ul className="space-y-0.5">
        {now.groups.map(({ state, servers }) => (
          <li key={state}>
            <span className="flex items-center gap-1.5">
              <Glyph mark={STATE_MARK[state]} />
              <span>
                <b className="font-semibold tabular-nums">{servers.length}</b> {word(state)}
              </span>
            </span>
            <div className="ml-7">
              <AddressList label={t("which")} addresses={servers} />
            </div>
          </li>
        ))}
      </ul>
      {now.stoppedZones.length > 0 ? (
        <div>
          <p>{t("stoppedZones", { zones: names(now.stoppedZones) })}</p>
          <WholeList items={now.stoppedZones} named={NAMED} />
        </div>
      ) : null}
      {now.outOfReach.length > 0 ? (
        <div>
          <p>{t("outOfReach", { n: now.outOfReach.length })}</p>
          <AddressList label={t("which")} addresses={now.outOfReach} />
        </div>
      ) : null}
      <Again run={run} again={now.again} />
      {run.endedAt === null && run.state !== "UNKNOWN" ? null : <Held now={now} />}
      <UnheardAgents unheard={now.unheard} />
    </div>
  );
}

/** A process that is another one by now was stopped, whoever started it since. */
function Again({ run, again }: { run: Run; again: Now["again"] }) {
  const t = useTranslations("run.now");
  const names = useAgentNames();
  const moment = useMoment();
  const [first] = again.map(({ at }) => at).sort();
  if (first === undefined) return null;
  const servers = again.map(({ server }) => server);
  return (
    <div>
      <p>{t("again", { agents: names(servers), n: servers.length, time: moment(first, run.consoleNowMs) })}</p>
      <WholeList items={servers} named={NAMED} />
    </div>
  );
}

/** "None" only where every agent could be asked. */
function Held({ now }: { now: Now }) {
  const t = useTranslations("run.now");
  const names = useAgentNames();
  const { held, notAsked } = now;
  return (
    <>
      {held === null ? <p>{t("heldUnknown")}</p> : null}
      {held && held.length > 0 ? (
        <div>
          <p>{t("held", { n: held.length })}</p>
          <AddressList label={t("which")} addresses={held} />
        </div>
      ) : null}
      {held?.length === 0 ? (
        <p className="text-ink-2">{t(notAsked.length === 0 ? "heldNone" : "heldNoneAsked")}</p>
      ) : null}
      {notAsked.length > 0 ? (
        <div>
          <p>{t("notAsked", { n: notAsked.length, agents: names(notAsked) })}</p>
          <WholeList items={notAsked} named={NAMED} />
        </div>
      ) : null}
    </>
  );
}
