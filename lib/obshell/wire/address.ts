/** Canonical `ip:port`, IPv6 as `[addr]:port`: the only form that every part of an agent compares equal. */
export const formatAddress = (ip: string, port: number): string =>
  ip.includes(":") ? `[${ip}]:${port}` : `${ip}:${port}`;

const ADDRESS = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]]+)):(\d{1,5})$/;

/** The parts of a canonical address; null for anything else. */
export function parseAddress(address: string): { ip: string; port: number } | null {
  const found = ADDRESS.exec(address);
  const ip = found?.[1] ?? found?.[2];
  return ip === undefined ? null : { ip, port: Number(found?.[3]) };
}
