/** A code as it is read from an authenticator, or copied from one: "123 456" is 123456. */
export const withoutSpaces = (code: string): string => code.replaceAll(/\s/g, "");
