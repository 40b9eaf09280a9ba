/** An agent as it writes itself: IPv6 stands in brackets. */
export const addressOf = (ip: string, port: number): string => (ip.includes(":") ? `[${ip}]:${port}` : `${ip}:${port}`);

export function splitAddress(address: string): { ip: string; port: number } {
  const at = address.lastIndexOf(":");
  return { ip: address.slice(0, at).replace(/^\[|\]$/g, ""), port: Number(address.slice(at + 1)) };
}
