/** What a person may be called here: it stands in the audit and is typed to sign in. */
const LOCAL_NAME = /^[a-z0-9][a-z0-9._-]{1,31}$/;
/** The same, or `name@provider` for those who come by single sign-on. No local name can look like one of those. */
export const NAME = /^[a-z0-9][a-z0-9._-]{1,31}(@[a-z0-9][a-z0-9-]{0,30})?$/;

/** In the audit these mean the console itself and the engine. No name with a provider can equal them. */
const RESERVED: readonly string[] = ["console", "engine"];

export const isLocalName = (name: string): boolean => LOCAL_NAME.test(name) && !RESERVED.includes(name);

/** Characters of a password. */
export const MIN_PASSWORD = 12;
export const MAX_PASSWORD = 128;
