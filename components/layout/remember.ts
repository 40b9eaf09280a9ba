const YEAR_SECONDS = 31_536_000;

/** Keeps a choice of this browser; the server writes the next page by it. */
export const remember = (cookie: string, value: string): void => {
  document.cookie = `${cookie}=${value}; path=/; max-age=${YEAR_SECONDS}; samesite=strict`;
};

/** What was kept; undefined when nothing was. */
export const recall = (cookie: string): string | undefined =>
  document.cookie
    .split("; ")
    .find((pair) => pair.startsWith(`${cookie}=`))
    ?.slice(cookie.length + 1);
