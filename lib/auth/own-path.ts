/** An address within the console, else its first page: nobody is led elsewhere after signing in. */
export function ownPath(wanted: string | null | undefined): string {
  const base = "http://console.invalid";
  if (!wanted?.startsWith("/") || !URL.canParse(wanted, base)) return "/";
  const { origin, pathname, search, hash } = new URL(wanted, base);
  const isOwn = origin === base && !pathname.startsWith("//") && !/^\/(login|api)(\/|$)/.test(pathname);
  return isOwn || (origin === base && pathname === "/login/done") ? pathname + search + hash : "/";
}
