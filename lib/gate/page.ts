import "server-only";
import { forbidden } from "next/navigation";
import { isAppError, type Result } from "../errors";
import { requireLoopback, toFailure } from "./door";

/** First line of every page: pages check for themselves, a layout is never the only guard. */
export async function openPage(): Promise<void> {
  try {
    await requireLoopback();
  } catch (error) {
    if (isAppError(error)) forbidden();
    throw error;
  }
}

/** First data of a page: a failure becomes a value, so that the page shows it and goes on asking. */
export async function firstRead<T>(read: () => Promise<T>): Promise<Result<T>> {
  try {
    return { ok: true, value: await read() };
  } catch (error) {
    return { ok: false, failure: toFailure(error) };
  }
}
