import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Result } from "../../lib/errors";

interface Manifest {
  node: Record<string, { filename?: string; exportedName?: string }>;
}

/** The id under which the build answers to an action; it is in the page that offers it, so it is no secret. */
function idOf(name: string): string {
  const file = join(process.cwd(), ".next", "server", "server-reference-manifest.json");
  const manifest = JSON.parse(readFileSync(file, "utf8")) as Manifest; // as the build wrote it
  const found = Object.entries(manifest.node).find(([, action]) => action.exportedName === name);
  if (!found) throw new Error(`The build has no action ${name}.`);
  return found[0];
}

/** Calls a server action as its page does: one POST, with the session's cookie and the console's own origin. */
export async function callAction<T>(
  url: string,
  path: string,
  cookie: string,
  name: string,
  input: unknown,
): Promise<Result<T>> {
  const answer = await fetch(url + path, {
    method: "POST",
    headers: {
      cookie,
      origin: url,
      accept: "text/x-component",
      "content-type": "text/plain;charset=UTF-8",
      "next-action": idOf(name),
    },
    body: JSON.stringify([input]),
  });
  return readResult<T>(await answer.text(), answer.status);
}

/** The value in the stream of rows `id:json`; row 0 names the row that holds it. */
function readResult<T>(text: string, status: number): Result<T> {
  const rows = new Map(
    text.split("\n").flatMap((line) => {
      const at = line.indexOf(":");
      return at > 0 && /^[0-9a-f]+$/.test(line.slice(0, at)) ? [[line.slice(0, at), line.slice(at + 1)] as const] : [];
    }),
  );
  const first = JSON.parse(rows.get("0") ?? "{}") as { a?: string };
  const row = first.a?.startsWith("$@") ? rows.get(first.a.slice(2)) : undefined;
  if (row === undefined) throw new Error(`No result in the answer (${status}): ${text.slice(0, 300)}`);
  return JSON.parse(row) as Result<T>; // what the gate answers with
}
