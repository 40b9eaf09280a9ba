const HIDDEN_MS = 15_000;

/**
 * How long to wait for the next read: a hidden tab asks at most four times a minute (ux L-3). Asked on the server as well,
 * which has no document, while a page is first written.
 */
export const pollMs = (visibleMs: number): number =>
  typeof document !== "undefined" && document.hidden ? HIDDEN_MS : visibleMs;
