import "server-only";
import { AppError } from "../errors";

const MOST_BYTES = 16 * 1024;

export const unreadable = () => new AppError("input-invalid", { params: { what: "the body" } });

/** The text of a small body. A large one is refused by what it says of itself, and else once it has become too large. */
export async function readBody(request: Request): Promise<string> {
  if (Number(request.headers.get("content-length") ?? 0) > MOST_BYTES) throw unreadable();
  const reader = request.body?.getReader();
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for (let part = await reader?.read(); part && !part.done; part = await reader?.read()) {
    chunks.push(part.value);
    bytes += part.value.byteLength;
    if (bytes <= MOST_BYTES) continue;
    await reader?.cancel();
    throw unreadable();
  }
  return Buffer.concat(chunks).toString("utf8");
}
