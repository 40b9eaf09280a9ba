import type { ObServer } from "./database";

const GIB = 1_073_741_824;
const CPU = 16;
const MEMORY_GIB = 64;
const DISK_GIB = 500;
const percent = (part: number, whole: number): number => Math.round((part / whole) * 1_000) / 10;

/** Resource numbers of a cluster of equal, half-full servers. */
export function statsOf(servers: number): Record<string, unknown> {
  const assigned = { cpu: CPU / 2, memory: MEMORY_GIB / 2, disk: DISK_GIB / 4 };
  return {
    cpu_core_total: CPU * servers,
    cpu_core_assigned: assigned.cpu * servers,
    cpu_core_assigned_percent: percent(assigned.cpu, CPU),
    memory_total: `${MEMORY_GIB * servers}.00GB`,
    memory_assigned: `${assigned.memory * servers}.00GB`,
    memory_in_bytes_total: MEMORY_GIB * servers * GIB,
    memory_in_bytes_assigned: assigned.memory * servers * GIB,
    memory_assigned_percent: percent(assigned.memory, MEMORY_GIB),
    disk_total: `${DISK_GIB * servers}.00GB`,
    disk_assigned: `${assigned.disk * servers}.00GB`,
    disk_in_bytes_total: DISK_GIB * servers * GIB,
    disk_in_bytes_assigned: assigned.disk * servers * GIB,
    disk_assigned_percent: percent(assigned.disk, DISK_GIB),
  };
}

const emptied = (stats: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(stats).map(([name, value]) => [name, typeof value === "string" ? "" : 0]));

/** Where the database was not asked, or did not tell. */
export const emptyStats = (): Record<string, unknown> => emptied(statsOf(1));
export const emptyServerStats = (): Record<string, unknown> => emptied(serverStats({ ip: "", rpcPort: 0, zone: "" }));

export const serverStats = (server: Pick<ObServer, "ip" | "rpcPort" | "zone">): Record<string, unknown> => ({
  ...statsOf(1),
  disk_used: "110.00GB",
  disk_free: "390.00GB",
  disk_in_bytes_used: 110 * GIB,
  disk_in_bytes_free: 390 * GIB,
  disk_used_percent: percent(110, DISK_GIB),
  ip: server.ip,
  port: server.rpcPort,
  zone: server.zone,
});
