/**
 * A name as an eye reads it: white space of any kind and length is one space, what no eye sees is not there, and signs that
 * look alike are one (NFKC), also the dashes and quotation marks that a phone writes by itself. Upper and lower case stay
 * two things.
 */
const asRead = (text: string): string =>
  text
    .normalize("NFKC")
    .replace(/\p{Default_Ignorable_Code_Point}/gu, "")
    .replace(/[\p{Pd}\u2212]+/gu, "-")
    .replace(/[\u2018\u2019\u201B]/g, "'")
    .replace(/[\u201C\u201D\u201F]/g, '"')
    .replace(/\s+/gu, " ")
    .trim();

/** Whether somebody has typed the name that a screen shows. The same in the browser and where it is decided. */
export const isNameTyped = (typed: string, name: string): boolean =>
  asRead(name) === "" ? typed.trim() === name.trim() : asRead(typed) === asRead(name);
