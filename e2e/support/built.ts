import { readFileSync } from "node:fs";
import { join } from "node:path";

/** What the build itself says it answers to: every route and every action, whether or not a test knows of it. */
const read = (name: string): unknown => JSON.parse(readFileSync(join(process.cwd(), ".next", name), "utf8"));

export interface BuiltAction {
  id: string;
  name: string;
  /** A page whose bundle holds the action; calls are posted there. */
  page: string;
}

export function builtActions(): BuiltAction[] {
  const { node } = read("server/server-reference-manifest.json") as {
    node: Record<string, { workers: Record<string, unknown>; exportedName: string }>; // as Next writes it
  };
  return Object.entries(node).map(([id, { workers, exportedName }]) => ({
    id,
    name: exportedName,
    page: pageOf(Object.keys(workers)),
  }));
}

/** One of the layout is in every bundle: it is called where everybody may be who is signed in. */
function pageOf(files: readonly string[]): string {
  const file = files.includes(CLUSTERS) ? CLUSTERS : (files[0] ?? "");
  return file.replace(/^app/, "").replace(/\/page$/, "") || "/";
}
const CLUSTERS = "app/clusters/page";

/** Path patterns of every page and every route handler. */
export function builtRoutes(): { pages: string[]; handlers: string[] } {
  const paths = Object.entries(read("app-path-routes-manifest.json") as Record<string, string>);
  const own = paths.filter(([file]) => !file.startsWith("/_"));
  return {
    pages: own.filter(([file]) => file.endsWith("/page")).map(([, path]) => path),
    handlers: own.filter(([file]) => file.endsWith("/route")).map(([, path]) => path),
  };
}

export const fill = (pattern: string, values: Record<string, string>): string =>
  pattern.replace(/\[(?:\.\.\.)?(\w+)\]/g, (_, name: string) => values[name] ?? name);

/** What an action returned: the row that the first row of the answer points to. */
function returned(text: string): unknown {
  const rows = new Map(
    text.split("\n").flatMap((line) => {
      const at = line.indexOf(":");
      return at > 0 ? [[line.slice(0, at), line.slice(at + 1)] as const] : [];
    }),
  );
  const { a } = JSON.parse(rows.get("0") ?? "{}") as { a?: string };
  return JSON.parse(rows.get(a?.replace(/^\$@?/, "") ?? "1") ?? "null");
}

/** Calls an action as a hand-made request would, past every screen. */
export async function callAction(
  url: string,
  action: BuiltAction,
  args: unknown[],
  { cookie = "", page = action.page, origin = url }: { cookie?: string; page?: string; origin?: string } = {},
): Promise<{ status: number; value: unknown }> {
  const answer = await fetch(`${url}${page}`, {
    method: "POST",
    redirect: "manual",
    headers: { "next-action": action.id, "content-type": "text/plain;charset=UTF-8", origin, cookie },
    body: JSON.stringify(args),
  });
  const text = await answer.text();
  return { status: answer.status, value: answer.ok ? returned(text) : text };
}
