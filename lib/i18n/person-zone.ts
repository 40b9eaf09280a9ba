import "server-only";
import { cookies } from "next/headers";
import { NO_ZONE, readZone, ZONE_COOKIE } from "./zone";

/** The time zone that a person's pages are in. */
export async function personZone(): Promise<string> {
  return readZone((await cookies()).get(ZONE_COOKIE)?.value)?.zone ?? NO_ZONE;
}
