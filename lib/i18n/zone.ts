/** The time zone that a person's pages are in, kept in a cookie: the browser's, or one that was chosen instead. */
export const ZONE_COOKIE = "standdown-zone";
/** Of whoever has not said yet: the same wherever the console runs. */
export const NO_ZONE = "UTC";

export interface ZoneChoice {
  zone: string;
  /** Follows the browser, also on a journey; otherwise it was chosen and stays. */
  isBrowsers: boolean;
}

const FOLLOWS = "browser:";

/** Whether times can be told in it here. */
export function isZone(zone: string): boolean {
  if (!/^[A-Za-z][A-Za-z0-9_+\-/]{0,63}$/.test(zone)) return false;
  try {
    new Intl.DateTimeFormat("en", { timeZone: zone });
    return true;
  } catch {
    return false;
  }
}

/** The cookie's value; null when there is none, or one that names no zone. */
export function readZone(cookie: string | undefined): ZoneChoice | null {
  if (cookie === undefined) return null;
  const isBrowsers = cookie.startsWith(FOLLOWS);
  const zone = isBrowsers ? cookie.slice(FOLLOWS.length) : cookie;
  return isZone(zone) ? { zone, isBrowsers } : null;
}

export const writeZone = ({ zone, isBrowsers }: ZoneChoice): string => (isBrowsers ? FOLLOWS + zone : zone);
