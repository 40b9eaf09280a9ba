import type { TestProject } from "vitest/node";
import { startPostgres } from "./postgres-server";

declare module "vitest" {
  export interface ProvidedContext {
    postgresUrl: string;
  }
}

/** One real PostgreSQL for all tests of a run; TEST_DATABASE_URL names another one. Only the quick half of the checks does without. */
export default async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  const isQuick = process.env.STANDDOWN_QUICK === "1";
  const named = isQuick ? "postgres://nobody@127.0.0.1/not-started" : process.env.TEST_DATABASE_URL;
  if (named) {
    project.provide("postgresUrl", named);
    return undefined;
  }
  const server = await startPostgres();
  project.provide("postgresUrl", server.url);
  return () => server.stop();
}
