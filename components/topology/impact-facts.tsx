"use client";

import dynamic from "next/dynamic";
import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { Glyph } from "@/components/ui/state-mark";
import { WholeList } from "@/components/ui/whole-list";
import { goneMembers } from "@/lib/clusters/gone-member";
import type { ServerState, Topology } from "@/lib/clusters/schema";
import { fullReplicasByZone, namesOf } from "@/lib/lifecycle/majority";
import type { Impact, Method } from "@/lib/lifecycle/schema";
import { NAMES, useNames, useVerdict, VERDICT_MARK } from "./use-verdict";
import { ZoneBars } from "./zone-bars";

// Loaded where there is such a member, which is rare.
const LastTold = dynamic(() => import("@/components/lifecycle/last-told").then((loaded) => loaded.LastTold));
const OutOfReach = dynamic(() => import("@/components/lifecycle/out-of-reach").then((loaded) => loaded.OutOfReach));
const SetAsideNote = dynamic(() =>
  import("@/components/lifecycle/set-aside-note").then((loaded) => loaded.SetAsideNote),
);
const GoneMembers = dynamic(() => import("./gone-members").then((loaded) => loaded.GoneMembers));

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="grid grid-cols-[6.5rem_minmax(0,1fr)] gap-x-3 border-t py-2">
      <dt className="text-ink-2">{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

export interface FactsProps {
  topology: Topology;
  impact: Impact;
  method: Method;
  changed: ReadonlyMap<string, ServerState>;
  stateOf: (address: string) => ServerState | undefined;
  onSeen: () => void;
}

/** What the selection would do, always in the order of ux K-14. */
export function ImpactFacts(props: FactsProps) {
  const { impact } = props;
  const t = useTranslations("topology.impact");
  const down = impact.zones.reduce((sum, zone) => sum + zone.down, 0);
  return (
    <>
      <p className="flex flex-wrap items-baseline gap-x-2 pb-2">
        <strong className="text-2xl leading-none font-semibold tracking-tight">{impact.stopping}</strong>
        <span className="mr-2">{t("stop")}</span>
        <strong className="text-2xl leading-none font-semibold tracking-tight">{impact.staying}</strong>
        <span>{t("stay")}</span>
        <span className="ml-auto text-ink-2">{t("of", { n: impact.total })}</span>
        {down > 0 ? <span className="w-full text-sm text-ink-2">{t("down", { n: down })}</span> : null}
      </p>
      {impact.outOfReach.length > 0 ? (
        <div className="pb-2 text-sm">
          <OutOfReach impact={impact} />
        </div>
      ) : null}
      <div className="border-t py-2">
        <ZoneBars zones={impact.zones} />
      </div>
      <dl>
        <MajorityFact {...props} />
        <Fact name={t("rootService")}>{t(rootService(props))}</Fact>
        <TenantsFact {...props} />
      </dl>
      {goneMembers(props.topology).length > 0 ? <GoneMembers topology={props.topology} /> : null}
      <ChangedNote {...props} />
    </>
  );
}

function rootService({ impact, topology }: FactsProps): "rootStops" | "rootMoves" | "rootStays" | "rootUnknown" {
  if (impact.scope?.type === "GLOBAL") return "rootStops";
  if (impact.rootServerStops) return "rootMoves";
  return topology.zones.some((zone) => zone.rootServer) ? "rootStays" : "rootUnknown";
}

/** The agent looks at the majority only for zone stops (ux E5); for all else our verdict is the only guard. */
const isUnguarded = ({ impact, method }: FactsProps): boolean =>
  impact.stopping > 0 &&
  (impact.majority.verdict === "lost" || impact.majority.verdict === "unknown") &&
  (method === "force" ||
    (method === "terminate" && !(impact.scope?.type === "ZONE" && impact.scope.target.length === 1)));

function MajorityFact(props: FactsProps) {
  const { majority } = props.impact;
  const toldAt = props.topology.overdue?.readAt ?? null;
  const t = useTranslations("topology.impact");
  const verdict = useVerdict();
  const names = useNames();
  return (
    <Fact name={t("majority")}>
      <span className="flex gap-1.5">
        <Glyph mark={VERDICT_MARK[majority.verdict]} />
        <strong className="font-semibold">{verdict(majority)}</strong>
      </span>
      {majority.verdict === "no-spare" ? (
        <span className="block">{t("nospareTenants", { tenants: names(majority.tenants) })}</span>
      ) : null}
      {majority.verdict === "lost" || majority.verdict === "no-spare" ? (
        <WholeList items={majority.tenants} named={NAMES} />
      ) : null}
      {isUnguarded(props) ? <span className="block font-medium">{t("notRefused")}</span> : null}
      <span className="block text-sm text-ink-2">{t(majority.source === "cluster" ? "checked" : "estimated")}</span>
      {majority.doubts.includes("old") ? <LastTold majority={majority} toldAt={toldAt} /> : null}
      {majority.setAside.length > 0 ? <SetAsideNote majority={majority} /> : null}
    </Fact>
  );
}

function TenantsFact({ topology, impact }: FactsProps) {
  const t = useTranslations("topology.impact");
  const names = useNames();
  const touched = new Set(impact.zones.filter((zone) => zone.stopping > 0).map((zone) => zone.zone));
  const { tenants } = topology;
  if (!tenants) return <Fact name={t("tenants")}>{t(topology.overdue ? "tenantsNotKnown" : "tenantsUnknown")}</Fact>;
  const zones = namesOf(topology.zones);
  const affected = tenants.filter((tenant) => {
    const replicas = fullReplicasByZone(tenant.locality, zones);
    // A layout that cannot be read may be anywhere.
    return touched.size > 0 && (replicas === null || [...replicas.keys()].some((zone) => touched.has(zone)));
  });
  if (affected.length === 0) return <Fact name={t("tenants")}>{t("tenantsNone")}</Fact>;
  return (
    <Fact name={t("tenants")}>
      <span translate="no">{names(affected.map((tenant) => tenant.name))}</span>
      <span className="block text-sm text-ink-2">
        {t("tenantsCount", { n: affected.length, total: tenants.length })}
      </span>
      <WholeList items={affected.map((tenant) => tenant.name)} named={NAMES} />
    </Fact>
  );
}

function ChangedNote({ changed, stateOf, onSeen }: FactsProps) {
  const t = useTranslations("topology.impact");
  const states = useTranslations("common.state");
  if (changed.size === 0) return null;
  return (
    <div role="status" className="space-y-1 border-t py-2">
      <p className="font-semibold">{t("changed")}</p>
      <ul className="max-h-32 overflow-y-auto text-sm">
        {[...changed].map(([address, before]) => {
          const after = stateOf(address);
          const change = { address, before: states(before), after: after ? states(after) : "—" };
          return <li key={address}>{t("changedOne", change)}</li>;
        })}
      </ul>
      <button type="button" onClick={onSeen} className="min-h-6 underline underline-offset-2 max-sm:min-h-11">
        {t("seen", { n: changed.size })}
      </button>
    </div>
  );
}
