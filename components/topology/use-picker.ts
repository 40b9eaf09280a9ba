"use client";

import { useTranslations } from "next-intl";
import { useCallback, useDeferredValue, useMemo, useState } from "react";
import { readSelection } from "@/components/lifecycle/selection-store";
import type { Server, Topology } from "@/lib/clusters/schema";
import { UNHEARD_CONDITIONS, unheardAt } from "@/lib/clusters/unheard";
import { compareAddresses } from "@/lib/lifecycle/impact";
import { filterServers, isFiltering, NO_FILTER, type WordsOf } from "./filter";
import { isSelectable, lanesOf, rowsOf, selectRange, toggleAll } from "./rows";
import { STATES } from "./state-look";
import { useFilter } from "./use-filter";
import { useSelectionCare } from "./use-selection-care";

/** Up to this many servers every zone starts unfolded (ux K-2). */
const UNFOLDED_UP_TO = 60;

/** Everything between the cluster and its list: what is shown, what is picked, and the few ways to change either. */
export function usePicker(clusterId: string, topology: Topology) {
  const state = useTranslations("common.state");
  const row = useTranslations("topology.row");
  const agent = useTranslations("common.agent");
  // In the order of their addresses, whichever agent answered: nothing moves when another one does (ux L-8).
  const zones = useMemo(
    () =>
      topology.zones.map((zone) => ({
        ...zone,
        servers: zone.servers.toSorted((left, right) => compareAddresses(left.address, right.address)),
      })),
    [topology.zones],
  );
  const servers = useMemo(() => zones.flatMap((zone) => zone.servers), [zones]);
  const care = useSelectionCare(clusterId, servers);
  const { selection, write } = care;
  const { filter, change, view, setView } = useFilter();
  // "Only selected" keeps showing what was picked when it was switched on, so that nothing slips away under the pointer.
  const [only, setOnly] = useState<ReadonlySet<string>>(new Set());
  const [folds, setFolds] = useState<ReadonlyMap<string, boolean>>(new Map());

  const wordsOf = useMemo((): WordsOf => {
    const states = new Map(STATES.map((name) => [name, state(name)]));
    const agentless = new Map((["none", "unclear"] as const).map((why) => [why, row("agentNone", { why })]));
    // By its own word, and by what all of them have in common.
    const unheard = new Map<string | undefined, string>(
      UNHEARD_CONDITIONS.map((condition) => [
        condition,
        [agent(condition), agent("option"), agent("search")].join("\n"),
      ]),
    );
    return (server) => [
      states.get(server.state) ?? "",
      server.agentless === null ? "" : (agentless.get(server.agentless) ?? ""),
      server.setAside === null ? "" : row("setAsideWord"),
      unheard.get(unheardAt(server)?.condition) ?? "",
    ];
  }, [state, row, agent]);
  // The field shows each key at once; the list may follow a moment later.
  const wanted = useDeferredValue(filter);
  const filtering = isFiltering(wanted);
  const found = useMemo(() => filterServers(servers, wanted, wordsOf, only), [servers, wanted, wordsOf, only]);
  const lanes = useMemo(() => lanesOf(zones, new Set(found.servers), filtering), [zones, found, filtering]);
  const isOpen = useCallback(
    (zone: string) => folds.get(zone) ?? (filtering || servers.length <= UNFOLDED_UP_TO),
    [folds, filtering, servers.length],
  );
  const rows = useMemo(() => rowsOf(lanes, isOpen), [lanes, isOpen]);

  const act = useMemo(
    () => ({
      toggle: (server: Server) => {
        if (isSelectable(server)) write(toggleAll(readSelection(clusterId), [server.address]));
      },
      toggleMany: (addresses: readonly string[]) => write(toggleAll(readSelection(clusterId), addresses)),
      extend: (order: readonly Server[], from: string, to: string) =>
        write(selectRange(readSelection(clusterId), order, from, to)),
      add: (addresses: readonly string[]) => write(new Set([...readSelection(clusterId), ...addresses])),
      clear: () => write([]),
    }),
    [clusterId, write],
  );

  const selectable = useMemo(() => servers.filter(isSelectable).map((server) => server.address), [servers]);
  const shownSelectable = useMemo(() => lanes.flatMap((lane) => lane.selectable), [lanes]);
  const hidden = useMemo(() => {
    const shown = new Set(found.servers.map((server) => server.address));
    return [...selection].filter((address) => !shown.has(address)).length;
  }, [found, selection]);

  // All of a cluster is never one step away: without a filter the first step only asks (ux K-8).
  const [asksForAll, setAsksForAll] = useState(false);
  const selectShown = useCallback(() => {
    if (shownSelectable.length < selectable.length) act.add(shownSelectable);
    setAsksForAll(true);
  }, [shownSelectable, selectable.length, act]);
  const selectAll = useCallback(() => {
    act.add(selectable);
    setAsksForAll(false);
  }, [selectable, act]);

  const showSelected = useCallback(() => {
    setOnly(new Set(readSelection(clusterId)));
    change({ ...NO_FILTER, onlySelected: true });
  }, [clusterId, change]);

  return {
    ...care,
    act,
    servers,
    filter,
    filtering,
    change,
    clearFilter: () => change(NO_FILTER),
    onlySelected: (on: boolean) => {
      setOnly(new Set(selection));
      change({ onlySelected: on });
    },
    showSelected,
    view,
    setView,
    found,
    lanes,
    rows,
    fold: useCallback((zone: string, open: boolean) => setFolds((before) => new Map(before).set(zone, open)), []),
    selectable,
    shownSelectable,
    selectShown,
    selectAll,
    asksForAll: asksForAll && selectable.some((address) => !selection.has(address)),
    dropQuestion: () => setAsksForAll(false),
    hidden,
  };
}
export type PickerState = ReturnType<typeof usePicker>;
