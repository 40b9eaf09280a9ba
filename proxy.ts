import type { NextRequest } from "next/server";

/** Calls of server actions alone: pages and reads do not pass here, because a proxy costs each of them dearly. */
export const config = {
  matcher: [{ source: "/:path*", has: [{ type: "header", key: "next-action" }] }],
};

const refuse = (what: string) =>
  Response.json({ failure: { kind: "input-invalid", params: { what } } }, { status: 400 });

/** The framework answers 500 to an action call that it cannot read. Ours are one JSON list, so anything else is refused. */
export async function proxy(request: NextRequest): Promise<Response | undefined> {
  if (request.method !== "POST") return refuse("the method of an action call");
  try {
    if (Array.isArray(JSON.parse(await request.text()))) return undefined;
  } catch {
    // told below
  }
  return refuse("the body of an action call");
}
