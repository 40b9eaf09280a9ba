import { isZone, NO_ZONE, readZone, writeZone, ZONE_COOKIE, type ZoneChoice } from "@/lib/i18n/zone";
import { recall, remember } from "./remember";

/** The zone of this browser; one that it cannot name is UTC. */
export function browserZone(): string {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  return isZone(zone) ? zone : NO_ZONE;
}

/** Keeps a choice; null is the browser's own zone. */
export function keepZone(zone: string | null): ZoneChoice {
  const choice = { zone: zone ?? browserZone(), isBrowsers: zone === null };
  remember(ZONE_COOKIE, writeZone(choice));
  return choice;
}

/** What the cookie says, brought up to date: a browser that is followed may be somewhere else by now. */
export function settleZone(now: ZoneChoice): ZoneChoice {
  const kept = readZone(recall(ZONE_COOKIE));
  const holds = kept !== null && (!kept.isBrowsers || kept.zone === browserZone());
  const next = holds ? kept : keepZone(null);
  return next.zone === now.zone && next.isBrowsers === now.isBrowsers ? now : next;
}
