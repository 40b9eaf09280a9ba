/** Kinds of replicas that stand in one zone. `count` null: one on every server of it. */
export interface LocalityPart {
  kinds: { kind: string; count: number | null }[];
  zone: string;
}

/** How strictly a text is read. The strictest that reads it decides. */
interface Rule {
  /** Spaces may stand before the next comma, which the database never writes. */
  isLoose: boolean;
  /** A zone that the cluster does not have, if its name is one word. */
  takesUnknown: boolean;
}
const RULES: readonly Rule[] = [
  { isLoose: false, takesUnknown: false },
  { isLoose: true, takesUnknown: false },
  { isLoose: true, takesUnknown: true },
];

/** A database holds no longer one, and no part of it has more kinds. */
const LONGEST = 16_384;
const MOST_KINDS = 16;

const KIND = /\s*([A-Za-z_]+)\s*(?:\{([^{}]*)\})?\s*([,@])/y;
const WORD = /[^\s,@{}[\]()'"`]+/y;
const NEXT = /(?:,|$)/y;
const LOOSE_NEXT = /\s*(?:,|$)/y;
const MEMSTORE = /^MEMSTORE_PERCENT\s*[:=]\s*\d+$/i;

const matchAt = (pattern: RegExp, text: string, at: number): RegExpExecArray | null => {
  pattern.lastIndex = at;
  return pattern.exec(text);
};

/** `1`, `2`, `ALL_SERVER` (null) and a share of memory, which says nothing about votes; undefined for anything else. */
function countOf(inBraces: string | undefined): number | null | undefined {
  const said = (inBraces ?? "1").split(",").map((one) => one.trim());
  const counts = said.filter((one) => !MEMSTORE.test(one));
  const [count = "1"] = counts;
  if (counts.length > 1 || !/^(\d+|ALL_SERVER)$/i.test(count)) return undefined;
  return /^\d/.test(count) ? Number(count) : null;
}

/** The kinds up to the zone that they stand in, and where its name begins. */
function kindsAt(text: string, from: number): { kinds: LocalityPart["kinds"]; end: number } | null {
  const kinds: LocalityPart["kinds"] = [];
  for (let at = from; kinds.length < MOST_KINDS;) {
    const found = matchAt(KIND, text, at);
    const count = countOf(found?.[2]);
    if (!found || count === undefined) return null;
    kinds.push({ kind: found[1] ?? "", count });
    at += found[0].length;
    if (found[3] === "@") return { kinds, end: at };
  }
  return null;
}

/** A part and what follows it; null at the end of the text. */
type Reading = { part: LocalityPart; rest: Reading } | null;
/** undefined: there is none. */
type Found = Reading | "several" | undefined;

/**
 * How a text can be read by a rule. Each place where a part may begin is read once, from the last one back, so that no
 * names make it slow.
 */
function readBy(text: string, zones: readonly string[], rule: Rule): Found {
  const readings = new Map<number, Found>();
  const readFrom = (from: number): Found => {
    const head = kindsAt(text, from);
    if (!head) return undefined;
    let found: Found;
    for (const zone of namesAt(text, head.end, zones, rule)) {
      const end = head.end + zone.length;
      const next = matchAt(rule.isLoose ? LOOSE_NEXT : NEXT, text, end);
      if (!next) continue;
      const rest = next[0].endsWith(",") ? readings.get(end + next[0].length) : null;
      if (rest === undefined) continue;
      if (rest === "several" || found !== undefined) return "several";
      found = { part: { kinds: head.kinds, zone }, rest };
    }
    return found;
  };
  for (let comma = text.lastIndexOf(","); comma >= 0; comma = comma > 0 ? text.lastIndexOf(",", comma - 1) : -1)
    readings.set(comma + 1, readFrom(comma + 1));
  return readFrom(0);
}

function namesAt(text: string, at: number, zones: readonly string[], { takesUnknown }: Rule): string[] {
  const own = zones.filter((zone) => zone !== "" && text.startsWith(zone, at));
  const [word] = (takesUnknown && matchAt(WORD, text, at)) || [];
  return word === undefined || zones.includes(word) ? own : [...own, word];
}

/**
 * The parts of a locality such as `FULL{1}@zone1, F{1},R{1}@zone2, READONLY{ALL_SERVER}@华东 一区`. The database writes a
 * zone's name as it is, whatever stands in it, so it is read against the names that the cluster has. null when the text
 * cannot be read, or can be read in more than one way.
 */
export function readLocality(text: string, zones: readonly string[]): LocalityPart[] | null {
  if (text.length > LONGEST) return null;
  for (const rule of RULES) {
    const found = readBy(text, zones, rule);
    if (found === "several") return null;
    if (found === undefined) continue;
    const parts: LocalityPart[] = [];
    for (let at: Reading = found; at !== null; at = at.rest) parts.push(at.part);
    return parts;
  }
  return null;
}
