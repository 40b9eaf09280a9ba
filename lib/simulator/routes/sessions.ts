import { createCipheriv, randomBytes } from "node:crypto";
import { z } from "zod";
import { keysOf } from "../agent-auth";
import { unauthorized } from "../agent-error";
import { bind } from "../check-scope";
import type { Call, Route } from "./route";

/** Sessions live in the memory of the agent that issued them. Source: OBShell protocol, sessions. */
export const sessionRoutes: readonly Route[] = [
  { method: "POST", path: "login", since: "4.4.0.0", handle: login },
  { method: "POST", path: "logout", since: "4.4.0.0", handle: logout },
];

/** The session id is the one answer that travels encrypted, under the request's own keys. */
function login({ agent, header }: Call): string {
  if (!header) throw unauthorized("SessionInvalid", "Session is invalid");
  const { key, iv } = keysOf(header);
  const id = randomBytes(32).toString("hex");
  agent.sessions.set(id, { lastUsedAt: Date.now() });
  const cipher = createCipheriv("aes-128-cbc", key, iv);
  return Buffer.concat([cipher.update(id, "utf8"), cipher.final()]).toString("base64");
}

function logout({ agent, body }: Call): undefined {
  agent.sessions.delete(bind(z.object({ session_id: z.string() }), body).session_id);
}
