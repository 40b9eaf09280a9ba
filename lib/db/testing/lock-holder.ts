import { spawn } from "node:child_process";
import { once } from "node:events";

/** How another program can stand in the way of a file, each with what it says to SQLite. */
export const LOCKS = {
  "a writer's lock": "begin immediate",
  "an exclusive lock": "begin exclusive",
  /** With a file of its own for itself alone, as a tool that copies behind a lock; nobody else may have it open. */
  "the whole file": `pragma locking_mode = exclusive; create table if not exists plan (id text primary key, cluster_id text,
    person text, created_at text, fingerprint text, request text, draft text); begin immediate`,
} as const;

export interface HeldLock {
  /** Gives the lock back and ends the program. */
  release(): Promise<void>;
}

/** Another process that holds a lock on the file, from the moment that this comes back until `release`. */
export async function holdLock(file: string, kind: keyof typeof LOCKS): Promise<HeldLock> {
  const script = `
    const { DatabaseSync } = await import("@photostructure/sqlite");
    const other = new DatabaseSync(${JSON.stringify(file)}, { timeout: 20_000 });
    other.exec(${JSON.stringify(LOCKS[kind])});
    process.stdin.once("data", () => {
      other.exec("rollback");
      other.close();
      process.exit(0);
    });
    process.stdout.write("held\\n");`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", script], { stdio: ["pipe", "pipe", "inherit"] });
  const ended = once(child, "close");
  const held = await Promise.race([once(child.stdout, "data"), ended]);
  if (!String(held[0]).startsWith("held")) throw new Error("the lock was not given");
  return {
    release: async () => {
      child.stdin.write("\n");
      await ended;
    },
  };
}
