import "server-only";
import type { z } from "zod";
import { AppError, FAILURES } from "../errors";
import { requireLoopback, toFailure } from "./door";

interface RouteContext {
  params: Promise<Record<string, string>>;
}

/**
 * A GET handler: door, parse, read. Route parameters and the query are parsed as one object.
 * Answers the value, or `{ failure }` with the status of its kind.
 */
export function defineRead<Input, Output>(read: {
  input: z.ZodType<Input>;
  run: (input: Input, signal: AbortSignal) => Promise<Output>;
}) {
  return async (request: Request, context: RouteContext): Promise<Response> => {
    try {
      await requireLoopback();
      const query = Object.fromEntries(new URL(request.url).searchParams);
      const parsed = read.input.safeParse({ ...query, ...(await decodedParams(context)) });
      if (!parsed.success) {
        const issue = parsed.error.issues[0];
        throw new AppError("input-invalid", {
          params: { what: `${issue?.path.join(".") ?? ""} ${issue?.message ?? ""}`.trim() },
        });
      }
      return Response.json(await read.run(parsed.data, request.signal), { headers: { "cache-control": "no-store" } });
    } catch (error) {
      const failure = toFailure(error);
      return Response.json(
        { failure },
        { status: FAILURES[failure.kind].status, headers: { "cache-control": "no-store" } },
      );
    }
  };
}

async function decodedParams(context: RouteContext): Promise<Record<string, string>> {
  const params = await context.params;
  try {
    return Object.fromEntries(Object.entries(params).map(([name, value]) => [name, decodeURIComponent(value)]));
  } catch {
    throw new AppError("input-invalid", { params: { what: "the address of the page" } });
  }
}
