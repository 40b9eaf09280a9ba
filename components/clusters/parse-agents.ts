import { readAgentAddress } from "@/lib/address";

/** Reads what was typed or pasted: addresses apart by spaces, commas, semicolons or lines, each once. */
export function parseAgents(text: string): { agents: string[]; unknown: string[]; badPort: string[] } {
  const agents = new Set<string>();
  const unknown: string[] = [];
  const badPort: string[] = [];
  for (const word of text.split(/[\s,;，；、]+/).filter(Boolean)) {
    const { address, problem } = readAgentAddress(word);
    if (address !== null) agents.add(address);
    else (problem === "port" ? badPort : unknown).push(word);
  }
  return { agents: [...agents], unknown, badPort };
}
