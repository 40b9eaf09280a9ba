/**
 * One value per process. Next evaluates a module once per kind of bundle, so module-level state is not shared between
 * pages, route handlers and actions; whatever must exist once is kept on `globalThis`.
 */
export function singleton<T>(name: string, create: () => T): T {
  const store = globalThis as typeof globalThis & { __standdown?: Map<string, unknown> };
  store.__standdown ??= new Map();
  if (!store.__standdown.has(name)) store.__standdown.set(name, create());
  return store.__standdown.get(name) as T; // safe: the only writer of this name is `create` above
}
