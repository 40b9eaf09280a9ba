import "server-only";
import { nullIfAppError } from "../errors";
import type { AgentClient } from "../obshell/client";
import type { Dag } from "../obshell/schema";
import { stageKeyOf } from "./engine-words";

const TIMEOUT_MS = 5_000;
/** So many servers of each kind tell whether a run is about these targets. */
const SAMPLED = 3;

/** What a stop, or with no method a start, was asked to do. */
export interface Asked {
  method: "stop" | "terminate" | "force" | null;
  /** All servers of its scope, also those that nobody picked: each of them is a target to the engine. */
  targets: readonly string[];
  /** The endpoint it was sent to. */
  path: string;
  scope: "GLOBAL" | "ZONE" | "SERVER" | "";
}

/** Steps of an agent's part, as a target and as one that only takes part. Source: OBShell protocol §7.2, §7.7. */
const STEPS = { stop: { target: 3, other: 2 }, start: { target: 5, other: 2 } } as const;

/**
 * Whether a run does what was asked for, by its stages and by the parts of some servers (protocol §7.1, §7.2).
 * What cannot be read speaks for it: only a contradiction makes it somebody else's.
 */
export async function mayBe(coordinator: AgentClient, dag: Dag, asked: Asked): Promise<boolean> {
  if (dag.nodes.length === 0) return true;
  if (!hasStagesOf(dag, asked)) return false;
  if (asked.method === "stop") return true;
  const parts = Object.entries(dag.subDags);
  const isTarget = ([address]: [string, string]) => asked.targets.includes(address);
  const sample = [
    ...parts.filter(isTarget).slice(0, SAMPLED),
    ...parts.filter((part) => !isTarget(part)).slice(0, SAMPLED),
  ];
  const fits = await Promise.all(
    sample.map(async (part) => {
      const own = await coordinator.dag(part[1], { details: false, timeoutMs: TIMEOUT_MS }).catch(nullIfAppError);
      return own === null || fitsPart(part[0], own.maxStage, asked);
    }),
  );
  return fits.every(Boolean);
}

/** Whether an agent's part with so many steps is one of what was asked for. In a plain stop every agent's part looks alike. */
export function fitsPart(address: string, steps: number, { method, targets }: Asked): boolean {
  if (method === "stop") return true;
  const { target, other } = method === null ? STEPS.start : STEPS.stop;
  return steps === (targets.includes(address) ? target : other);
}

/** Force kills, and does nothing before or after; flushing has a stage of its own; the zone endpoint begins with SQL. */
function hasStagesOf(dag: Dag, { method, path, scope }: Asked): boolean {
  const keys = dag.nodes.map((node) => stageKeyOf(node.name));
  if (keys.includes("other")) return true; // a plan that we do not know says nothing
  if (method === null) return scope === "" || keys.includes("startZone") === (scope !== "SERVER");
  const isZone = path.includes("/ob/zone/");
  return keys.includes("flush") === (method === "terminate") && keys.includes("sql") === (isZone || method === "stop");
}
