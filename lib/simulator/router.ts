import { AgentError } from "./agent-error";
import { lifecycleRoutes } from "./routes/lifecycle";
import { openRoutes } from "./routes/open";
import { type Route } from "./routes/route";
import { sessionRoutes } from "./routes/sessions";
import { taskRoutes } from "./routes/tasks";
import { topologyRoutes } from "./routes/topology";
import type { World } from "./agent";

export interface Matched {
  readonly route: Route;
  readonly params: Record<string, string>;
}

const ROUTES = [...openRoutes, ...lifecycleRoutes, ...topologyRoutes, ...taskRoutes, ...sessionRoutes].map((route) => ({
  route,
  segments: route.path.split("/"),
}));

const PREFIX = "/api/v1/";

/** Whether a path belongs to the API; agents since 4.3.0.0 serve a web interface everywhere else. */
export const isApiPath = (path: string): boolean => path.startsWith(PREFIX);

/** A route this version does not have is as unknown as any other: 404 since 4.3.1.0, 400 with code 1000 before. */
export function matchRoute(world: World, method: string, path: string): Matched {
  const parts = path.slice(PREFIX.length).split("/");
  for (const { route, segments } of ROUTES) {
    if (route.since && !world.has(route.since)) continue;
    if (route.method === "*" ? method !== "GET" && method !== "POST" : route.method !== method) continue;
    const params = matchSegments(segments, parts);
    if (params) return { route, params };
  }
  throw new AgentError("Common.NotFound", 404, "Element not found: 404 not found");
}

/** Where an agent sends who wrote a slash too much; null for any other path. */
export function withoutSlash(world: World, method: string, target: string): string | null {
  const { pathname, search } = new URL(target, "http://agent");
  if (!pathname.endsWith("/")) return null;
  const path = pathname.slice(0, -1);
  try {
    matchRoute(world, method, path);
    return `${path}${search}`;
  } catch {
    return null;
  }
}

/** Whether a request changes something, as far as its path tells. */
export function isWrite(world: World, method: string, target: string): boolean {
  try {
    return matchRoute(world, method, new URL(target, "http://agent").pathname).route.isWrite === true;
  } catch {
    return false;
  }
}

function matchSegments(segments: readonly string[], parts: readonly string[]): Record<string, string> | null {
  if (segments.length !== parts.length) return null;
  const params: Record<string, string> = {};
  for (const [at, segment] of segments.entries()) {
    const part = parts[at] ?? "";
    if (segment.startsWith(":") && part !== "") params[segment.slice(1)] = decodeURIComponent(part);
    else if (segment !== part) return null;
  }
  return params;
}
