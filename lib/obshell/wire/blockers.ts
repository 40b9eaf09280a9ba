/** Somebody holds an agent's maintenance lock. */
export interface Blocker {
  /** Main DAG that holds it; null: not a start or stop, so it cannot be passed by force. */
  mainDagId: string | null;
  /** Name of the holding sub DAG; null when the agent does not say (before 4.3.1.0). */
  name: string | null;
}

/** >= 4.3.1.0, plain or nested in the error of a peer: `... under maintenance by DAG [<mainDagId>:<subDagName>]`. */
const WITH_NAME = /by DAG \[(\d*):([^\]]*)\]/gi;
/** Before: `... dag id: <mainDagId>`, where the number is missing for anything but a start or stop. */
const WITH_ID = /dag id:[ \t]*(\d*)/gi;

/**
 * Who holds the maintenance locks, read from the logs of the first stage. Each holder is named once; a lock that
 * cannot be passed stays in the list, because passing the others would not help. Source: OBShell protocol §7.5.
 */
export function readBlockers(logs: readonly string[]): Blocker[] {
  const found = new Map<string, Blocker>();
  const add = (id: string | undefined, name: string | null) => {
    const key = id || `name ${name ?? ""}`;
    if (!found.has(key)) found.set(key, { mainDagId: id || null, name });
  };
  for (const line of logs) {
    const named = [...line.matchAll(WITH_NAME)];
    for (const [, id, name] of named) add(id, name || null);
    if (named.length === 0) for (const [, id] of line.matchAll(WITH_ID)) add(id, null);
  }
  return [...found.values()];
}
