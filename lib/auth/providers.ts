import "server-only";
import { config } from "../config";
import type { SignInProvider } from "./schema";

/** The ways of single sign-on that the configuration names. */
export const listProviders = (): SignInProvider[] => config().signIn.oidc.map(({ id, name }) => ({ id, name }));
