/** What a person may be called here: it stands in the audit and is typed to sign in. */
export const LOCAL_NAME = /^[a-z0-9][a-z0-9._-]{1,31}$/;
/** The same, or `name@provider` for those who come by single sign-on. No local name can look like one of those. */
export const NAME = /^[a-z0-9][a-z0-9._-]{1,31}(@[a-z0-9][a-z0-9-]{0,30})?$/;

/** Characters of a password. */
export const MIN_PASSWORD = 12;
export const MAX_PASSWORD = 128;
