import { z } from "zod";

export const role = z.enum(["viewer", "operator", "administrator"]);
/** `viewer` sees, `operator` stops and starts, `administrator` also keeps clusters, keys and people. */
export type Role = z.infer<typeof role>;

export const grantSchema = z.object({
  role,
  /** Where it holds: everywhere, in one environment, or on one cluster. */
  level: z.enum(["global", "environment", "cluster"]),
  /** The environment's label or the cluster's id; empty for global. */
  target: z.string().max(64),
});
export type Grant = z.infer<typeof grantSchema>;

/** Whoever is signed in, as the server side knows them for one request. */
export const personSchema = z.object({
  id: z.string(),
  /** The name they sign in with; it stands in the audit. */
  name: z.string(),
  grants: z.array(grantSchema),
  sessionId: z.string(),
  /** ISO 8601 of the last time that they proved who they are, by signing in or by stepping up. */
  provenAt: z.string(),
  hasTotp: z.boolean(),
});
export type Person = z.infer<typeof personSchema>;

/** Somebody who may sign in, as administrators see them. */
export const knownPersonSchema = z.object({
  id: z.string(),
  name: z.string(),
  grants: z.array(grantSchema),
  hasTotp: z.boolean(),
  /** False for those who come by single sign-on. */
  hasPassword: z.boolean(),
  /** Has not yet chosen a password of their own. */
  isNew: z.boolean(),
  isDeactivated: z.boolean(),
  since: z.string(),
});
export type KnownPerson = z.infer<typeof knownPersonSchema>;

/** What the sign-in asks for next. */
export interface SignInStep {
  step: "done" | "second-factor" | "new-password";
  name: string;
}

/** Where somebody is signed in. */
export interface OwnSession {
  id: string;
  since: string;
  until: string;
  address: string;
  browser: string;
  isThis: boolean;
}

/** A single sign-on that is offered beside name and password. */
export interface SignInProvider {
  id: string;
  name: string;
}
