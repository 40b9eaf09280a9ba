import { AppError, failureIn } from "./errors";
import { createLanes } from "./lanes";
import { tellSignedOut } from "./signed-out";

/** A tab holds at most two connections (ux L-3). */
const inLane = createLanes(2);
/** What may wait for an agent leaves one of them to what the console knows by itself. */
const inAgentLane = createLanes(1);

/**
 * Reads one of the console's own GET handlers. They answer the value itself, or `{ failure }` with an error status.
 * Throws AppError: the failure as sent, or `console-unreachable` when there was no such answer.
 * The shape is not parsed again here: both ends are one build, and zod stays out of the browser.
 */
export async function getJson<T>(path: string, signal?: AbortSignal): Promise<T> {
  let body: unknown;
  let ok = false;
  try {
    await inLane(async () => {
      const response = await fetch(path, { signal, headers: { accept: "application/json" }, cache: "no-store" });
      ok = response.ok;
      body = await response.json();
    }, signal);
  } catch (cause) {
    if (signal?.aborted) throw cause;
    throw new AppError("console-unreachable", {}, { cause });
  }
  if (ok) return body as T; // safe: the handler of this path answers T, see above
  const failure = failureIn(body);
  if (!failure) throw new AppError("console-unreachable");
  const { kind, ...facts } = failure;
  if (kind === "signed-out") tellSignedOut();
  throw new AppError(kind, facts);
}

/** The same for what is asked of an agent while one waits: a silent agent must not hold up what the console itself knows. */
export const getFromAgent = <T>(path: string, signal?: AbortSignal): Promise<T> =>
  inAgentLane(() => getJson<T>(path, signal), signal);
