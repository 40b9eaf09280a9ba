import { canonicalAddress, canonicalIp, formatAddress } from "@/lib/address";
import type { Server, ServerState } from "@/lib/clusters/schema";
import { unheardAt } from "@/lib/clusters/unheard";
import { STATES } from "./state-look";

/** Among the states: a server of any state whose agent does not answer. */
export const UNHEARD = "UNHEARD";

export interface Filter {
  text: string;
  state: ServerState | typeof UNHEARD | "";
  zone: string;
  onlySelected: boolean;
}
/** The worst first, as everywhere. */
export const FILTER_STATES: readonly Exclude<Filter["state"], "">[] = [UNHEARD, ...STATES];
export const NO_FILTER: Filter = { text: "", state: "", zone: "", onlySelected: false };
export const isFiltering = (filter: Filter): boolean =>
  filter.text.trim() !== "" || filter.state !== "" || filter.zone !== "" || filter.onlySelected;

/** What became of a pasted list; unknown entries are named, never dropped quietly (ux K-10). */
export interface PastedList {
  entries: number;
  matched: number;
  unknown: string[];
}

export interface Found {
  servers: Server[];
  list: PastedList | null;
}

/** What a row says of a server besides its names, in the reader's language. */
export type WordsOf = (server: Server) => readonly string[];

/** One server under every name that somebody may have it by. */
const namesOf = (server: Server): string[] => [
  server.address,
  server.ip,
  formatAddress(server.ip, server.svrPort),
  formatAddress(server.ip, server.sqlPort),
];

/**
 * Searches ip, port, zone and what its row says. A text with several entries (comma, space, line) is a list: an entry that names a
 * server exactly stands for that server alone, so that 10.0.1.1 in a ticket does not also bring 10.0.1.11.
 */
export function searchServers(servers: readonly Server[], text: string, wordsOf: WordsOf): Found {
  const wanted = text.trim().toLowerCase();
  if (wanted === "") return { servers: [...servers], list: null };
  const entries = servers.map((server) => {
    const names = namesOf(server);
    const rest = [server.zone, ...wordsOf(server), server.state.replaceAll("_", " ")];
    return { server, names, text: [...names, ...rest].join("\n").toLowerCase() };
  });
  const exactly = (token: string) => {
    const plain = token.normalize("NFKC");
    const forms = new Set([token, canonicalAddress(plain), canonicalIp(plain)]);
    return entries.filter((entry) => entry.names.some((name) => forms.has(name)));
  };
  const containing = (part: string) => entries.filter((entry) => entry.text.includes(part));
  const tokens = [...new Set(wanted.split(/[\s,;，；、]+/).filter(Boolean))];
  const asOne = containing(wanted);
  if (tokens.length < 2 || asOne.length > 0)
    return { servers: (asOne.length > 0 ? asOne : exactly(wanted)).map(({ server }) => server), list: null };

  const found = new Set<Server>();
  const unknown: string[] = [];
  for (const token of tokens) {
    const exact = exactly(token);
    const hits = exact.length > 0 ? exact : containing(token);
    if (hits.length === 0) unknown.push(token);
    for (const { server } of hits) found.add(server);
  }
  const list = { entries: tokens.length, matched: tokens.length - unknown.length, unknown };
  return { servers: servers.filter((server) => found.has(server)), list };
}

export const isOfState = (server: Server, state: Filter["state"]): boolean =>
  state === "" || (state === UNHEARD ? unheardAt(server) !== null : server.state === state);

/** What the filter shows. It never changes the selection (ux K-9). */
export function filterServers(
  servers: readonly Server[],
  filter: Filter,
  wordsOf: WordsOf,
  selection: ReadonlySet<string>,
): Found {
  const found = searchServers(servers, filter.text, wordsOf);
  const shown = found.servers.filter(
    (server) =>
      isOfState(server, filter.state) &&
      (filter.zone === "" || server.zone === filter.zone) &&
      (!filter.onlySelected || selection.has(server.address)),
  );
  return { servers: shown, list: found.list };
}
