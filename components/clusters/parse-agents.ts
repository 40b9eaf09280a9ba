const DEFAULT_PORT = 2886;
const BAD_PORT = "";
const ADDRESS = /^(?:(\d{1,3}(?:\.\d{1,3}){3})|\[([0-9a-fA-F:.]+)\])(?::(\d{1,5}))?$/;

/** Reads what was typed or pasted: addresses apart by spaces, commas, semicolons or lines, each once. */
export function parseAgents(text: string): { agents: string[]; unknown: string[]; badPort: string[] } {
  const agents = new Set<string>();
  const unknown: string[] = [];
  const badPort: string[] = [];
  for (const word of text.split(/[\s,;]+/).filter(Boolean)) {
    const address = toAddress(word);
    if (address === null) unknown.push(word);
    else if (address === BAD_PORT) badPort.push(word);
    else agents.add(address);
  }
  return { agents: [...agents], unknown, badPort };
}

/** The address with its port; null: it is none; BAD_PORT: it is one, and no agent can listen at its port. */
function toAddress(word: string): string | null {
  const bare = word.replace(/^https?:\/\//, "").replace(/\/+$/, "");
  // An IPv6 address that is written without brackets has no port: more than one colon says so.
  const found = ADDRESS.exec(/^[0-9a-fA-F]*:[0-9a-fA-F:]+$/.test(bare) ? `[${bare}]` : bare);
  if (!found) return null;
  const port = Number(found[3] ?? DEFAULT_PORT);
  if (found[1]?.split(".").some((part) => Number(part) > 255)) return null;
  if (port < 1025 || port > 65_535) return BAD_PORT;
  if (found[1] !== undefined) return `${found[1]}:${port}`;
  return `[${found[2]}]:${port}`;
}
