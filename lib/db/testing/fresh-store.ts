import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "pg";
import { inject, vi } from "vitest";
import type { Engine } from "../engine";
import type { openStore } from "../store";

/**
 * Whatever touches the store runs on both: `describe.each(ENGINES)("on %s", (engine) => …)`. The quick half of the checks
 * leaves PostgreSQL to `npm test`, and says so.
 */
export const ENGINES: readonly Engine[] = process.env.STANDDOWN_QUICK === "1" ? ["sqlite"] : ["sqlite", "postgres"];

/** As after a restart of the process: singletons are made anew, the store stays. */
export async function restartProcess(): Promise<void> {
  const { __standdown: singletons } = globalThis as { __standdown?: Map<string, unknown> };
  const slot = singletons?.get("db.store") as { opening: ReturnType<typeof openStore> | null } | undefined;
  await slot?.opening?.then(({ db }) => db.destroy()).catch(() => undefined);
  Reflect.deleteProperty(globalThis, "__standdown");
}

export interface FreshStore {
  /** Temporary folder; the configuration stands in it, and `data` below. */
  folder: string;
  /** Writes the configuration again and starts over with it. */
  configure(config: object): Promise<void>;
  /** Closes the store and removes everything. */
  dispose(): Promise<void>;
}

/** An empty store and configuration, which the code under test finds by the environment as in production. */
export async function freshStore(engine: Engine = "sqlite", config: object = {}): Promise<FreshStore> {
  await restartProcess();
  const folder = mkdtempSync(join(tmpdir(), "standdown-test-"));
  const schema = `test_${randomBytes(6).toString("hex")}`;
  const postgresUrl = inject("postgresUrl");
  const admin = async (statement: string) => {
    const client = new Client({ connectionString: postgresUrl });
    await client.connect();
    await client.query(statement).finally(() => client.end());
  };
  const url = new URL(postgresUrl);
  url.searchParams.set("options", `-c search_path=${schema}`);
  if (engine === "postgres") await admin(`create schema ${schema}`);
  vi.stubEnv("DATABASE_URL", engine === "postgres" ? url.href : "");
  vi.stubEnv("STANDDOWN_CONFIG", join(folder, "config.json"));
  vi.stubEnv("STANDDOWN_KEY", "");
  const write = (content: object) =>
    writeFileSync(join(folder, "config.json"), JSON.stringify({ dataDir: "data", ...content }));
  write(config);
  await restartProcess(); // what the test before left running may have found neither configuration nor store
  return {
    folder,
    async configure(content) {
      await restartProcess();
      write(content);
    },
    async dispose() {
      await restartProcess();
      vi.unstubAllEnvs();
      if (engine === "postgres") await admin(`drop schema ${schema} cascade`);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
