import "server-only";
import type { z } from "zod";
import { AppError } from "../errors";
import { proofSchema } from "./change-own";
import { currentPerson } from "./current-person";
import { answer } from "./forward";
import {
  beginTotp,
  changePassword,
  codeSchema,
  confirmTotp,
  newPasswordSchema,
  removeTotp,
  renewBackupCodes,
  signOut,
  signOutEverywhere,
} from "./own-account";
import { listProviders } from "./providers";
import { finishSingleSignOn, startSingleSignOn } from "./single-sign-on";
import { secondFactor, secondFactorSchema, signIn, signInSchema } from "./sign-in";

type Endpoint = (headers: Headers, body: unknown) => Promise<Response>;

function endpoint<Input>(
  input: z.ZodType<Input>,
  run: (headers: Headers, input: Input) => Promise<Response>,
): Endpoint {
  return (headers, body) => {
    const parsed = input.safeParse(body);
    if (parsed.success) return run(headers, parsed.data);
    throw new AppError("input-invalid", { params: { what: parsed.error.issues[0]?.path.join(".") ?? "" } });
  };
}

/** Every way in that exists; whatever else the sign-in library offers is not reachable. */
const POSTS: Readonly<Record<string, Endpoint>> = {
  "sign-in": endpoint(signInSchema, signIn),
  "second-factor": endpoint(secondFactorSchema, secondFactor),
  "sign-out": signOut,
  "sign-out-everywhere": signOutEverywhere,
  password: endpoint(newPasswordSchema, changePassword),
  "totp/begin": endpoint(proofSchema, beginTotp),
  "totp/confirm": endpoint(codeSchema, confirmTotp),
  "totp/remove": endpoint(proofSchema, removeTotp),
  "backup-codes": endpoint(proofSchema, renewBackupCodes),
};

const GETS: Readonly<Record<string, (headers: Headers, query: URLSearchParams) => Promise<Response>>> = {
  provider: startSingleSignOn,
  providers: () => Promise.resolve(answer(listProviders())),
  who: async (headers) => answer((await currentPerson(headers))?.name ?? null),
};

/** Answers a POST; null when there is no such way in. */
export const answerPost = (path: string, headers: Headers, body: unknown): Promise<Response> | null =>
  Object.hasOwn(POSTS, path) ? (POSTS[path]?.(headers, body) ?? null) : null;

/** Answers a GET; null when there is no such way in. */
export const answerGet = (path: string, headers: Headers, query: URLSearchParams): Promise<Response> | null => {
  if (path.startsWith("callback/")) return finishSingleSignOn(headers, path, query);
  return Object.hasOwn(GETS, path) ? (GETS[path]?.(headers, query) ?? null) : null;
};
