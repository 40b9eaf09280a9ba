import "server-only";
import { userInfo } from "node:os";

/** Who acts: the account that runs the console, until there is sign-in. */
export function localAccount(): string {
  try {
    return `local:${userInfo().username}`;
  } catch {
    return `local:uid-${process.getuid?.() ?? "unknown"}`; // a container may run an account without a name
  }
}
