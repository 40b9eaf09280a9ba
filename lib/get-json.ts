import { AppError, failureIn } from "./errors";
import { tellSignedOut } from "./signed-out";

/**
 * Reads one of the console's own GET handlers. They answer the value itself, or `{ failure }` with an error status.
 * Throws AppError: the failure as sent, or `console-unreachable` when there was no such answer.
 * The shape is not parsed again here: both ends are one build, and zod stays out of the browser.
 */
export async function getJson<T>(path: string, signal?: AbortSignal): Promise<T> {
  let body: unknown;
  let ok = false;
  try {
    const response = await fetch(path, { signal, headers: { accept: "application/json" }, cache: "no-store" });
    ok = response.ok;
    body = await response.json();
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
