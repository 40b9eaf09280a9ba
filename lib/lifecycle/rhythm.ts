import "server-only";

const ROUND_MS = 2_000;
/** A request can still be on its way or in the agent's hands; "none" counts only after this long, and twice in a row. */
const SETTLE_MS = 12_000;

/** Shorter in tests. */
export const settleMs = (): number => Number(process.env.STANDDOWN_SETTLE_MS) || SETTLE_MS;

/** How often a stop that is not over is looked after. */
export const roundMs = (): number => Math.min(ROUND_MS, settleMs() / 3);
