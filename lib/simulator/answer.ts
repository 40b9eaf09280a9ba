import type { Agent, World } from "./agent";
import { openBody, openHeader, Panic, verify, type OpenedHeader } from "./agent-auth";
import { AgentError, badRequest } from "./agent-error";
import { newTraceId, replyBeforeRouting, replyOf, replyToPanic, type EnvelopeContext, type Reply } from "./envelope";
import { matchRoute, type Matched } from "./router";
import { thawed } from "./silence";
import { PartialFailure, type Call, type Route } from "./routes/route";

/** A request as it came over the wire, still sealed. */
export interface RawRequest {
  readonly method: string;
  /** The raw request target: path and query, byte for byte. */
  readonly target: string;
  readonly headers: { readonly database: string | undefined; readonly agent: string | undefined };
  /** Of the `Accept-Language` header. */
  readonly language: string | undefined;
  readonly traceId: string | undefined;
  readonly body: string;
  readonly receivedAt: number;
}

export interface Answered {
  readonly reply: Reply;
  readonly header: OpenedHeader | null;
  readonly body: unknown;
  readonly isWrite: boolean;
}

/** What a request said once it was opened and let in. */
export interface Read {
  readonly header: Record<string, unknown> | null;
  readonly body: unknown;
}

/** Decrypt the header, decrypt the body, route, verify, handle: the order in which an agent finds fault. */
export async function answer(
  world: World,
  agent: Agent,
  raw: RawRequest,
  letIn: (read: Read) => void,
): Promise<Answered> {
  const traceId = raw.traceId ?? newTraceId();
  const context: EnvelopeContext = { world, agent, startedAt: Date.now(), traceId, language: raw.language };
  let header: OpenedHeader | null = null;
  let body: unknown = null;
  const done = (reply: Reply, route?: Route): Answered => ({
    reply,
    header,
    body,
    isWrite: route?.isWrite === true,
  });

  let text = raw.body;
  try {
    header = await openHeader(world, agent, raw.headers);
    if (header && text !== "") text = openBody(text, header);
  } catch (error) {
    return done(error instanceof AgentError ? replyBeforeRouting(context, error) : replyToPanic(context));
  }

  let route: Route | undefined;
  try {
    const url = new URL(raw.target, "http://agent");
    const matched = matchRoute(world, raw.method, url.pathname);
    route = matched.route;
    const { target: uri, receivedAt } = raw;
    if (!isOpen(world, route)) verify(world, agent, header, { uri, receivedAt, isOtherKind: isOther(world, matched) });
    body = parseBody(world, raw.method, text);
    const method = raw.method === "POST" ? "POST" : "GET";
    const { params } = matched;
    const call: Call = { world, agent, method, path: url.pathname, params, query: url.searchParams, body, header };
    if (!isOpen(world, route)) letIn({ header: header?.plain ?? null, body });
    if (route.asksDatabase) await thawed(world.faults, agent.address);
    return done(replyOf(context, { data: await route.handle(call) }), route);
  } catch (error) {
    return done(replyToFailure(context, error), route);
  }
}

/** Ids of tasks of OBProxy agents begin with 4 or 5. */
const isOther = (world: World, { route, params }: Matched): boolean =>
  world.has("4.2.6.0") && route.path.startsWith("task/") && /^[45]/.test(params["id"] ?? "");

function replyToFailure(context: EnvelopeContext, error: unknown): Reply {
  if (error instanceof AgentError) return replyOf(context, { error });
  if (error instanceof PartialFailure) return replyOf(context, { error: error.error, data: error.data });
  // TypeErrors stand for the agent's own nil dereferences, which end in the prebuilt body of a panic.
  if (error instanceof TypeError || error instanceof Panic) return replyToPanic(context);
  throw error;
}

/** In 4.2.3.0, and only there, `/ob/info` is open. */
const isOpen = (world: World, route: Route | undefined): boolean =>
  route?.isOpen === true || (route?.path === "ob/info" && !world.has("4.2.3.1"));

/** An empty body counts as `{}` since the end of 2024; before, binding it fails. */
function parseBody(world: World, method: string, text: string): unknown {
  if (text === "" && (method === "GET" || world.has("4.2.5.0"))) return {};
  try {
    return JSON.parse(text);
  } catch {
    const why = text === "" ? "EOF" : "invalid character looking for beginning of value";
    throw badRequest("Common.BindJsonFailed", world.has("4.3.1.0") ? `Bind JSON failed: ${why}` : why);
  }
}
