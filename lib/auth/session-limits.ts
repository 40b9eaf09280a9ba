import "server-only";

/** How long a proof of who somebody is counts for what is asked again. */
const PROOF_LIFE_MS = 15 * 60_000;

interface Limits {
  expiresAt: Date;
  provenAt: string | null;
}

/**
 * What a session that is being made may last and prove. One that takes the place of another, as after a change of the
 * second factor, ends when that would have ended and proves no more than it did; a first one is the proof of a sign-in.
 */
export const limitsOf = (
  made: { expiresAt: Date },
  before: { expiresAt: Date; provenAt?: unknown } | null,
  nowMs: number,
): Limits =>
  before === null
    ? {
        // The library counts from the clock of this host; it lasts as long from the store's.
        expiresAt: new Date(nowMs + made.expiresAt.getTime() - Date.now()),
        provenAt: new Date(nowMs).toISOString(),
      }
    : {
        expiresAt: new Date(before.expiresAt),
        provenAt: typeof before.provenAt === "string" ? before.provenAt : null,
      };

/** Whether they proved who they are a short while ago. */
export const isProven = (provenAt: string, nowMs: number): boolean => nowMs - Date.parse(provenAt) <= PROOF_LIFE_MS;
