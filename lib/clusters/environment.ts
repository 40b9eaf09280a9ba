import type { Environment } from "./schema";

/** An unlabelled cluster is treated as production (ux S-1). */
export const isProduction = (environment: Environment): boolean =>
  environment === "PROD" || environment === "UNLABELLED";
