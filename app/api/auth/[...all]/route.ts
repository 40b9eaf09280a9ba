import { limitClient } from "@/lib/auth/client-limit";
import { answerGet, answerPost } from "@/lib/auth/endpoints";
import { answerForm } from "@/lib/auth/form-post";
import { readBody, unreadable } from "@/lib/auth/read-body";
import { FAILURES } from "@/lib/errors";
import { requireHost, requireOwnOrigin, toFailure } from "@/lib/gate/door";

interface RouteContext {
  params: Promise<{ all: string[] }>;
}

/** Whoever comes here need not be signed in yet, so these are the only handlers without the gate's permission check. */
async function guarded(run: () => Promise<Response>): Promise<Response> {
  try {
    return await run();
  } catch (error) {
    const failure = toFailure(error);
    const headers = { "cache-control": "no-store" };
    return Response.json({ failure }, { status: FAILURES[failure.kind].status, headers });
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw unreadable();
  }
}

const nowhere = () => Response.json(null, { status: 404 });

export const GET = (request: Request, { params }: RouteContext) =>
  guarded(async () => {
    await requireHost();
    const path = (await params).all.join("/");
    if (path === "provider" || path.startsWith("callback/")) limitClient(request.headers);
    return (await answerGet(path, request.headers, new URL(request.url).searchParams)) ?? nowhere();
  });

export const POST = (request: Request, { params }: RouteContext) =>
  guarded(async () => {
    await requireHost();
    await requireOwnOrigin();
    limitClient(request.headers);
    const path = (await params).all.join("/");
    const type = request.headers.get("content-type") ?? "";
    const text = await readBody(request);
    if (path === "sign-in" && type.startsWith("application/x-www-form-urlencoded"))
      return answerForm(text, async (body) => (await answerPost(path, request.headers, body)) ?? nowhere());
    if (!type.startsWith("application/json")) throw unreadable();
    return (await answerPost(path, request.headers, parseJson(text))) ?? nowhere();
  });
