import { createTestClient } from "../../lib/simulator/test-client";
import type { Standdown } from "./standdown";

type Way = { terminate: true } | { force: true };

/** Sends a stop past the console, as a colleague with another tool would, and returns the path of its run. */
export async function startStop(
  standdown: Standdown,
  from: number,
  to: number,
  way: Way = { terminate: true },
): Promise<string> {
  const { agents, password } = standdown.simulator;
  const coordinator = agents.at(-1)?.address ?? "";
  const target = agents.slice(from, to).map((agent) => agent.address);
  const { json } = await createTestClient(coordinator, password).post("/ob/stop", {
    scope: { type: "SERVER", target },
    force: false,
    terminate: false,
    ...way,
  });
  return `${standdown.url}${standdown.clusterPath}/runs/${json.data?.id ?? "none"}`;
}
