import { keysOf } from "../keys-of";
import type { Environment } from "./schema";

export const ENVIRONMENTS = keysOf<Environment>({ PROD: 0, STAGING: 1, TEST: 2, DEMO: 3, UNLABELLED: 4 });

/** An unlabelled cluster is treated as production (ux S-1). */
export const isProduction = (environment: Environment): boolean =>
  environment === "PROD" || environment === "UNLABELLED";
