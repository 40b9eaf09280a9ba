import { z } from "zod";
import { AppError } from "../../errors";
import { wantsTls, type TlsFault } from "./tls-fault";

/** One HTTP answer, read whole. */
export interface RawAnswer {
  status: number;
  text: string;
}

/** The agent read the request and said no, in either of its two error shapes. */
export interface Refusal {
  httpStatus: number;
  /** String code, since 4.3.1.0; null before. */
  errCode: string | null;
  /** Numeric code; always there before 4.3.1.0, later only for authentication errors. */
  code: number | null;
  message: string;
}

export type Opened =
  { ok: true; data: unknown; traceId: string } | { ok: false; data: unknown; traceId: string; refusal: Refusal };

const envelopeSchema = z.object({
  successful: z.boolean(),
  traceId: z.string().catch(""),
  data: z.unknown().optional(),
  error: z
    .object({
      code: z.number().nullish().catch(null),
      errCode: z.string().nullish().catch(null),
      message: z.string().catch(""),
    })
    .nullish()
    .catch(null),
});

const SHOWN_CHARACTERS = 200;

const excerpt = (text: string): string => text.replace(/\s+/g, " ").trim().slice(0, SHOWN_CHARACTERS);

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * Takes the envelope off. Whether it is a success is decided by `successful` and the HTTP status alone, because an
 * answer may carry data and an error at once. Throws `answer-unreadable` for anything that is not an agent's answer.
 * Source: OBShell protocol §1.
 */
export function openEnvelope({ status, text }: RawAnswer, address: string): Opened {
  if (status === 204 && text === "") return { ok: true, data: null, traceId: "" };
  const envelope = envelopeSchema.safeParse(parseJson(text));
  if (!envelope.success) {
    const agentMessage = `HTTP ${status}: ${excerpt(text)}`;
    if (wantsTls({ status, text }))
      throw new AppError("tls-failed", { params: { address, status, tls: "wanted" satisfies TlsFault }, agentMessage });
    throw new AppError("answer-unreadable", { params: { address, status }, agentMessage });
  }
  const { successful, traceId, data = null, error } = envelope.data;
  if (successful && status >= 200 && status < 300) return { ok: true, data, traceId };
  const refusal = {
    httpStatus: status,
    errCode: error?.errCode || null,
    code: error?.code ?? null,
    message: error?.message ?? "",
  };
  return { ok: false, data, traceId, refusal };
}

/** A list: `{ contents: [...] }`, where `contents` or the whole may be null for an empty one. */
export const contentsOf = <Item extends z.ZodType>(item: Item) =>
  z
    .object({ contents: z.array(item).nullish() })
    .nullish()
    .transform((list) => list?.contents ?? []);
