import "server-only";
import type { z } from "zod";
import type { Permission } from "../auth/permissions";
import type { Person } from "../auth/schema";
import { AppError, FAILURES } from "../errors";
import { requireHost, requirePermission, requirePerson, toFailure } from "./door";

interface RouteContext {
  /** A path without parameters has none. */
  params: Promise<Record<string, string> | undefined>;
}

interface ReadContext {
  person: Person;
  /** Fires when the browser has gone. */
  signal: AbortSignal;
}

/**
 * A GET handler: door, person, parse, permission (on `input.cluster` when there is one), read. Route parameters and the
 * query are parsed as one object. Answers the value, or a Response as it is, or `{ failure }` with the status of its kind.
 */
export function defineRead<Input extends object, Output>(read: {
  input: z.ZodType<Input>;
  /** null: anybody who is signed in; `run` answers only with what the person may see. */
  permission: Permission | null;
  run: (input: Input, context: ReadContext) => Promise<Output>;
}) {
  return async (request: Request, context: RouteContext): Promise<Response> => {
    try {
      await requireHost();
      const person = await requirePerson();
      const query = Object.fromEntries(new URL(request.url).searchParams);
      const parsed = read.input.safeParse({ ...query, ...(await decodedParams(context)) });
      if (!parsed.success) {
        const issue = parsed.error.issues[0];
        throw new AppError("input-invalid", {
          params: { what: `${issue?.path.join(".") ?? ""} ${issue?.message ?? ""}`.trim() },
        });
      }
      const { cluster } = parsed.data as { cluster?: unknown };
      if (read.permission !== null)
        requirePermission(person, read.permission, typeof cluster === "string" ? cluster : null);
      const value = await read.run(parsed.data, { person, signal: request.signal });
      return value instanceof Response ? value : Response.json(value, { headers: { "cache-control": "no-store" } });
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
  const params = (await context.params) ?? {};
  try {
    return Object.fromEntries(Object.entries(params).map(([name, value]) => [name, decodeURIComponent(value)]));
  } catch {
    throw new AppError("input-invalid", { params: { what: "the address of the page" } });
  }
}
