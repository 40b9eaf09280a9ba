import "server-only";
import pino from "pino";
import { singleton } from "./singleton";

/** Operators' log, one JSON line per event on stderr. Secrets are never passed in; these paths are a second net. */
export const log = singleton("log", () =>
  pino(
    {
      level: process.env.STANDDOWN_LOG_LEVEL?.trim() || "info",
      base: undefined,
      redact: ["password", "*.password", "headers", "*.headers", "auth", "*.auth"],
    },
    pino.destination(2),
  ),
);
