import { ageOf } from "../clock";
import type { Topology } from "../clusters/schema";
import type { Clock } from "../clock";
import { TOPOLOGY_MS } from "./rhythm";
import type { Run } from "./schema";

const CLOCK_EVERY_MS = 60_000;
/** Smaller changes are noise of the measurement; following them would make durations stutter. */
const CLOCK_NOISE_MS = 250;

export interface Surroundings {
  /** Coordinator clock minus console clock. */
  skewMs(): number;
  zoneOf(): Run["zoneOf"];
  /** The cluster since the run has ended, is in trouble, or since nobody tells about it; null before that. */
  topology(): Topology | null;
  /** Measures the coordinator's clock when it is time to. */
  measureClock(): Promise<void>;
  readZones(): Promise<void>;
  /** Looks at the servers; false when nobody could tell. The longer a picture may be old, the less it costs. */
  readServers(maxAgeMs?: number): Promise<boolean>;
  /** The run goes on again: what the servers showed at its last end is past. */
  forgetServers(): void;
}

/** What a run needs to know besides itself. None of it fails a run, and none of it stands in its way. */
export function createSurroundings(options: {
  clock: Clock;
  readClock: () => Promise<number>;
  readTopology: (maxAgeMs?: number) => Promise<Topology>;
}): Surroundings {
  const { clock } = options;
  let skewMs = 0;
  let clockReadMs = -Infinity;
  let zoneOf: Run["zoneOf"] = {};
  let topology: Topology | null = null;

  function takeZones(seen: Topology): void {
    zoneOf = { ...zoneOf };
    for (const zone of seen.zones) for (const server of zone.servers) zoneOf[server.address] = zone.name;
  }

  return {
    skewMs: () => skewMs,
    zoneOf: () => zoneOf,
    topology: () => topology,
    async measureClock() {
      if (ageOf(clockReadMs, clock()) < CLOCK_EVERY_MS) return;
      clockReadMs = clock();
      const measured = await options.readClock().catch(() => null);
      if (measured !== null && Math.abs(measured - skewMs) > CLOCK_NOISE_MS) skewMs = measured;
    },
    async readZones() {
      const seen = await options.readTopology().catch(() => null);
      if (seen) takeZones(seen);
    },
    async readServers(maxAgeMs = TOPOLOGY_MS - 1_000) {
      // The first look is a new one: a picture from before the end says nothing about it.
      const seen = await options.readTopology(topology === null ? 0 : maxAgeMs).catch(() => null);
      if (!seen) return false;
      topology = seen;
      takeZones(seen);
      return true;
    },
    forgetServers: () => void (topology = null),
  };
}
