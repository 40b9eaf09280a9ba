import "server-only";
import { ConfigError } from "../config";
import { openStore } from "../db/store";
import { isAppError } from "../errors";
import { log } from "../log";
import { asSecret } from "../text-file";
import { MAX_PASSWORD, MIN_PASSWORD } from "./names";
import { createPerson } from "./people";
import { record } from "./record";
import type { Grant } from "./schema";

export const ADMINISTRATOR_EVERYWHERE: readonly Grant[] = [{ role: "administrator", level: "global", target: "" }];

/**
 * At the first start, when nobody can sign in yet: the administrator whom STANDDOWN_ADMIN_NAME (default `admin`) and
 * STANDDOWN_ADMIN_PASSWORD name. Says whether anybody can sign in now. Several replicas may start at once.
 * Throws ConfigError for a name or password that cannot be one.
 */
export async function ensureFirstAdministrator(
  env: Readonly<Record<string, string | undefined>> = process.env,
): Promise<"there" | "made" | "missing"> {
  const { db } = await openStore();
  const anybody = await db.selectFrom("user").select("id").limit(1).executeTakeFirst();
  if (anybody) return "there";
  const password = asSecret(env.STANDDOWN_ADMIN_PASSWORD ?? "");
  if (!password) return "missing";
  const name = env.STANDDOWN_ADMIN_NAME?.trim() || "admin";
  try {
    const facts = [name.toLowerCase(), "administrator everywhere", "first start"];
    await createPerson({ name, password, isOneTime: false, grants: ADMINISTRATOR_EVERYWHERE }, (tx) =>
      record({ action: "person.add", event: "finished", by: "console", facts }, tx),
    );
  } catch (error) {
    if (!isAppError(error)) throw error;
    if (error.kind === "name-taken") return "there";
    if (error.kind === "password-unfit")
      throw new ConfigError(`STANDDOWN_ADMIN_PASSWORD needs ${MIN_PASSWORD} to ${MAX_PASSWORD} characters`);
    if (error.kind === "name-unfit")
      throw new ConfigError(
        "STANDDOWN_ADMIN_NAME needs 2 to 32 letters, digits, dots, hyphens or underscores, and is not `console` or `engine`",
      );
    throw error;
  }
  log.info({ name }, "the first administrator was made from the environment");
  return "made";
}
