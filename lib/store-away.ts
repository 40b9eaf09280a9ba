import { AppError, isAppError, type FailureKind } from "./errors";

/** Stands on the error of a store that cannot be reached; it is all that the browser gets to see of a page's error. */
export const STORE_AWAY = "store-unavailable";

/** The embedded engine's words for a file that cannot be used now; PostgreSQL's are settled where it is spoken to. */
const FILE_AWAY = /^SQLITE_(BUSY|LOCKED|IOERR|CANTOPEN|FULL|READONLY|CORRUPT|NOTADB)/;

/** Marks what went wrong between this process and its store, as opposed to what the store has against a statement. */
export const markStoreAway = (error: unknown): Error =>
  Object.assign(error instanceof Error ? error : new Error(String(error)), { digest: STORE_AWAY });

/** Whether it says that the store is out of reach for the moment. */
export const isStoreAway = (error: unknown): boolean =>
  error instanceof Error &&
  (("digest" in error && error.digest === STORE_AWAY) || ("code" in error && FILE_AWAY.test(String(error.code))));

/** The failure that people read of it; one that says more by itself stays. */
export const storeUnavailable = (cause: unknown): AppError =>
  isAppError(cause) && isStoreAway(cause)
    ? cause
    : Object.assign(new AppError("store-unavailable", {}, { cause }), { digest: STORE_AWAY });

/** What is wrong with the file of the embedded store: nothing may rest on it until a person has put it right. */
export const storeFault = (kind: Extract<FailureKind, `store-${string}`>, file: string, cause?: unknown): AppError =>
  Object.assign(new AppError(kind, { params: { file } }, { cause }), { digest: STORE_AWAY });
