import type { Server, Topology, Zone } from "./schema";

/** Servers without an agent, as the database named them last. */
export const withoutAgents = ({ zones }: Topology): Server[] =>
  zones.flatMap((zone) => zone.servers.filter(({ agent }) => agent === null));

/**
 * A picture that no database told, with the servers without an agent that one has told of before: agents list each other
 * alone (protocol §4.4). They are there, and nobody tells what they do. Pure.
 */
export function withUntold(topology: Topology, told: readonly Server[]): Topology {
  const listed = topology.zones.flatMap((zone) => zone.servers);
  const isListed = ({ ip, svrPort, address }: Server) =>
    listed.some((one) => one.address === address || (svrPort > 0 && one.ip === ip && one.svrPort === svrPort));
  const untold = told.filter((server) => !isListed(server)).map(asUntold);
  if (untold.length === 0) return topology;
  const known = new Set(topology.zones.map(({ name }) => name));
  const others = [...new Set(untold.map(({ zone }) => zone))].filter((zone) => !known.has(zone));
  const zones = [...topology.zones, ...others.map(emptyZone)].map((zone) => ({
    ...zone,
    servers: [...zone.servers, ...untold.filter((server) => server.zone === zone.name)],
  }));
  return { ...topology, zones };
}

const asUntold = (server: Server): Server => ({
  ...server,
  ...{ state: "NOT_REPORTED", innerStatus: "", since: null },
  ...{ rootServer: false, stoppedBySql: false, taskId: null, setAside: null },
});

const emptyZone = (name: string): Zone => ({
  ...{ name, region: "", idc: "", innerStatus: "", lastInnerStatus: "", rootServer: false },
  servers: [],
});
