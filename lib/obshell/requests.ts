import { z } from "zod";
import { AppError } from "../errors";
import type { Scope } from "./schema";
import { decodeTaskId } from "./wire/task-id";

/** Bodies and paths as the agents want them. */

export const nothing = z.unknown().transform(() => undefined);

interface Scoped {
  scope: Scope;
  forcePassDag: readonly string[];
}

/** An object in every version; the list that the public page shows is refused. Source: OBShell protocol §5.1. */
const forcePass = (ids: readonly string[]) => (ids.length > 0 ? { forcePassDag: { id: [...ids] } } : {});

/** At most one flag, and only when it is on: a plain stop carries neither. */
export const stopBody = ({ scope, mode, forcePassDag }: Scoped & { mode: "stop" | "force" | "terminate" }) => ({
  scope,
  ...(mode === "stop" ? {} : { [mode]: true as const }),
  ...forcePass(forcePassDag),
});

export const startBody = ({ scope, forcePassDag }: Scoped) => ({
  scope,
  ...forcePass(forcePassDag),
});

export const zoneStopBody = (body: { freezeServer: boolean; forcePassDag: readonly string[] }) => ({
  freeze_server: body.freezeServer,
  ...forcePass(body.forcePassDag),
});

export const STOP_PATH = "/api/v1/ob/stop";
export const START_PATH = "/api/v1/ob/start";

export const zonePath = (zone: string, rest: "stop" | "stop/check"): string =>
  `/api/v1/ob/zone/${encodeURIComponent(zone)}/${rest}`;

/** Ids stand in the path, so nothing but a generic id may pass. Throws `task-id-invalid`. */
export function taskPath(kind: "dag" | "node" | "sub_task", id: string, write = false): string {
  if (!decodeTaskId(id)) throw new AppError("task-id-invalid", { params: { id } }, { sent: write ? "no" : undefined });
  return `/api/v1/task/${kind}/${id}`;
}
