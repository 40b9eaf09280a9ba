import { groupRows, hasSamePlaces, keepPlaces, OTHERS, type Group, type Sort } from "./row-order";
import type { RunStore } from "./run-store";
import type { TaskMark } from "./task-look";

export type Line =
  | { kind: "coordinator"; key: string }
  | { kind: "group"; key: string; group: Group; open: boolean; place: number; size: number }
  | { kind: "row"; key: string; agent: string; place: number; size: number };

export interface Order {
  groups: readonly Group[];
  lines: readonly Line[];
  /** A better order is waiting for the reader to let go. */
  moved: boolean;
}

export interface OrderKeeper {
  read(): Order;
  subscribe(listener: () => void): () => void;
  choose(sort: Sort, filter: TaskMark | null): void;
  /** While a pointer is over the rows or focus is inside them, no row moves (ux D-6). */
  hold(by: "pointer" | "focus", held: boolean): void;
  resort(): void;
  toggle(key: string, open?: boolean): void;
}

/** Which rows stand where. Lives outside React, so that it decides on each update, not on each render. */
export function createOrderKeeper(store: RunStore): OrderKeeper {
  const listeners = new Set<() => void>();
  const holds = new Set<string>();
  const closed = new Set<string>([OTHERS]);
  const openedForFailure = new Set<string>();
  let sort: Sort = "worst";
  let filter: TaskMark | null = null;
  let order: Order = { groups: [], lines: [], moved: false };
  /** The rows that the order was made of. */
  let seen = -1;
  const latest = () => groupRows(store.rows().values(), sort, filter);

  function show(groups: readonly Group[], moved: boolean): void {
    for (const { key, counts } of groups) {
      // Opens by itself once; after that the reader's choice stands (ux D-8).
      if (counts.failed === 0 || openedForFailure.has(key)) continue;
      openedForFailure.add(key);
      closed.delete(key);
    }
    order = { groups, lines: linesOf(groups, closed), moved };
    seen = store.version();
    listeners.forEach((listener) => listener());
  }

  function update(): void {
    const next = latest();
    if (holds.size === 0) show(next, false);
    else {
      const kept = keepPlaces(order.groups, next);
      show(kept, !hasSamePlaces(kept, next));
    }
  }

  /** While another view is shown nobody is told of updates, and whoever comes back sees what is so now. */
  function catchUp(): void {
    if (listeners.size === 0 && seen !== store.version()) show(latest(), false);
  }

  show(latest(), false);
  return {
    read() {
      catchUp();
      return order;
    },
    subscribe(listener) {
      catchUp();
      listeners.add(listener);
      const leave = store.subscribe("rows")(update);
      return () => {
        listeners.delete(listener);
        leave();
      };
    },
    choose(nextSort, nextFilter) {
      if (nextSort === sort && nextFilter === filter) return;
      sort = nextSort;
      filter = nextFilter;
      show(latest(), false);
    },
    hold(by, held) {
      if (held) holds.add(by);
      else holds.delete(by);
      if (holds.size === 0 && order.moved) show(latest(), false);
    },
    resort: () => show(latest(), false),
    toggle(key, open) {
      if (open ?? closed.has(key)) closed.delete(key);
      else closed.add(key);
      show(order.groups, order.moved);
    },
  };
}

function linesOf(groups: readonly Group[], closed: ReadonlySet<string>): Line[] {
  const lines: Line[] = [{ kind: "coordinator", key: "coordinator" }];
  groups.forEach((group, at) => {
    const open = !closed.has(group.key);
    lines.push({ kind: "group", key: group.key, group, open, place: at + 2, size: groups.length + 1 });
    if (!open) return;
    group.rows.forEach((agent, place) =>
      lines.push({ kind: "row", key: agent, agent, place: place + 1, size: group.rows.length }),
    );
  });
  return lines;
}
