import type { Environment } from "@/lib/clusters/schema";

const INVERSE = new Set<Environment>(["PROD", "UNLABELLED"]);

/** Text first, shape second: production is inverse, the others outlined (ux S-1). Not translated on purpose. */
export function EnvironmentBadge({ environment }: { environment: Environment }) {
  const look = INVERSE.has(environment) ? "bg-ink text-paper border-ink" : "text-ink border-line-strong bg-panel";
  return (
    <span
      translate="no"
      className={`shrink-0 rounded-[3px] border px-1.5 py-px font-mono text-xs font-bold tracking-wider whitespace-nowrap ${look}`}
    >
      {environment}
    </span>
  );
}
