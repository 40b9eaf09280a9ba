"use client";

import { useTranslations } from "next-intl";
import { memo, useRef, type KeyboardEvent, type MouseEvent } from "react";
import { MARKS } from "@/components/ui/state-mark";
import type { Server } from "@/lib/clusters/schema";
import { unheardAt } from "@/lib/clusters/unheard";
import { whyNotSelectable } from "@/lib/lifecycle/impact";
import { zoneTick } from "./rows";
import { STATE_MARK } from "./state-look";
import { TickBox } from "./tick-box";
import { nearestTile } from "./nearest-tile";
import type { PickerState } from "./use-picker";
import { useRoving } from "./use-roving";
import { useRowWords, type RowWords } from "./use-row-words";
import { ZoneFacts, type ZoneRowProps } from "./zone-row";

interface Props {
  clusterName: string;
  picker: PickerState;
  zoneSelected: ReadonlyMap<string, number>;
  toldAt: string | null;
  minuteMs: number;
}

/** The whole cluster at a glance: one tile per server, a block per zone, the same rules of selection (ux K-18). */
export function TilesView({ clusterName, picker, zoneSelected, toldAt, minuteMs }: Props) {
  const t = useTranslations("topology");
  const words = useRowWords();
  const { lanes, act, selection } = picker;
  const root = useRef<HTMLDivElement>(null);
  const anchor = useRef<string>(null);
  const order = lanes.flatMap((lane) => lane.shown);
  const { active, activate } = useRoving(root, order[0]?.address, (key) =>
    order.some((server) => server.address === key),
  );
  const pick = (address: string, extend: boolean) => {
    const server = order.find((one) => one.address === address);
    if (!server) return;
    if (extend) return act.extend(order, anchor.current ?? address, address);
    act.toggle(server);
    anchor.current = address;
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.altKey || active === undefined || !root.current) return;
    if ((event.ctrlKey || event.metaKey) && event.key === "a") picker.selectShown();
    else if (event.ctrlKey || event.metaKey) return;
    else if (event.key === " ") pick(active, event.shiftKey);
    else {
      const next = nearestTile(root.current, active, event.key);
      if (next === null) return;
      activate(next, true);
      if (event.shiftKey) act.extend(order, active, next);
    }
    event.preventDefault();
  };
  const onClick = (event: MouseEvent) => {
    if (!(event.target instanceof Element)) return;
    const key = event.target.closest<HTMLElement>("[data-key]")?.dataset.key;
    if (key === undefined) return;
    activate(key, true);
    pick(key, event.shiftKey);
  };
  return (
    <div ref={root} onKeyDown={onKeyDown} onClick={onClick} className="scroll-mt-32">
      {lanes.map((lane) => (
        <section key={lane.zone.name} className="border-b">
          <ZoneHead
            lane={lane}
            ticked={zoneTick(lane, selection)}
            selected={zoneSelected.get(lane.zone.name) ?? 0}
            toldAt={toldAt}
            minuteMs={minuteMs}
            onToggle={() => act.toggleMany(lane.selectable)}
          />
          <div
            role="listbox"
            aria-multiselectable="true"
            aria-label={`${t("grid", { cluster: clusterName })} · ${lane.zone.name}`}
            className="flex flex-wrap gap-1 px-4 pb-4 pointer-coarse:gap-2"
          >
            {lane.shown.map((server) => (
              <Tile
                key={server.address}
                server={server}
                active={server.address === active}
                selected={selection.has(server.address)}
                unheard={unheardSaid(server, words, minuteMs)}
                words={words}
              />
            ))}
          </div>
        </section>
      ))}
    </div>
  );
}

type ZoneHeadProps = Pick<ZoneRowProps, "lane" | "ticked" | "selected" | "toldAt" | "minuteMs">;

function ZoneHead({ lane, ticked, onToggle, ...facts }: ZoneHeadProps & { onToggle: () => void }) {
  return (
    <div className="flex flex-wrap items-center gap-x-5 gap-y-0.5 px-4 py-2.5">
      <TickBox label={lane.zone.name} ticked={ticked} blocked={lane.selectable.length === 0} onToggle={onToggle}>
        <strong translate="no" className="text-lg leading-tight tracking-tight">
          {lane.zone.name}
        </strong>
      </TickBox>
      <ZoneFacts lane={lane} {...facts} />
    </div>
  );
}

interface TileProps {
  server: Server;
  active: boolean;
  selected: boolean;
  /** How its agent stands that does not answer; empty where it does. */
  unheard: string;
  words: RowWords;
}

function unheardSaid(server: Server, { column, agent }: RowWords, minuteMs: number): string {
  const unheard = unheardAt(server);
  return unheard ? `${column("agent")} ${agent.said(unheard, minuteMs)}` : "";
}

/** A corner of its own beside the glyph of the state: one that serves and whose agent is silent is both. */
const UNHEARD_CORNER =
  "absolute -top-px -right-px size-2.5 rounded-tr-[2px] bg-fail [clip-path:polygon(0_0,100%_0,100%_100%)] pointer-coarse:size-4";

const Tile = memo(function Tile({ server, active, selected, unheard, words: { row, state, aside } }: TileProps) {
  const why = whyNotSelectable(server);
  const { glyph, tone } = MARKS[STATE_MARK[server.state]];
  const facts = [
    server.address,
    state(server.state),
    unheard,
    why ? row(`why.${why}`) : "",
    server.setAside ? aside(server.setAside) : "",
  ];
  const label = facts.filter(Boolean).join(", ");
  const look = selected
    ? "border-2 border-ink bg-ink text-paper"
    : `border bg-panel ${tone} ${why ? "border-dashed border-line-strong" : "border-line-strong cursor-pointer"}`;
  return (
    <span
      role="option"
      aria-selected={selected}
      aria-disabled={why ? true : undefined}
      aria-label={label}
      title={label}
      data-key={server.address}
      tabIndex={active ? 0 : -1}
      className={`relative grid size-7 place-items-center rounded-[3px] leading-none font-semibold pointer-coarse:size-11 ${look} ${server.state === "NOT_REPORTED" && !selected ? "hatch" : ""}`}
    >
      {glyph}
      {unheard ? <span data-unheard="" aria-hidden="true" className={UNHEARD_CORNER} /> : null}
    </span>
  );
});
