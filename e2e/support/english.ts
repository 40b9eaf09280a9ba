import type { Page } from "@playwright/test";
import { MESSAGES } from "../../lib/i18n/messages";

const textsOf = (tree: object): string[] =>
  Object.values(tree).flatMap((value: unknown) =>
    typeof value === "string" ? [value] : typeof value === "object" && value !== null ? textsOf(value) : [],
  );
/** What of a message stands on the page as it is: between its arguments, its branches and its tags. */
const piecesOf = (text: string) =>
  text.split(/\{\w+, \w+,|[{}]|<\/?\w+>|\n/).flatMap((piece) => (piece.trim() === "" ? [] : [piece.trim()]));

const chinese = textsOf(MESSAGES.zh);
const english = textsOf(MESSAGES.en).filter((text) => !chinese.includes(text));
const words = new Set(english);
const phrases = english
  .flatMap(piecesOf)
  .filter((piece) => /[a-z]+ [a-z]/i.test(piece) && !chinese.some((text) => text.includes(piece)));
const SENTENCE = /[A-Za-z]{2,}(?: [A-Za-z]{2,}){3}/;

/** Whatever of the page, seen or only spoken, is English of ours or reads like a sentence, and is not marked as English. */
export async function englishIn(page: Page): Promise<string[]> {
  const texts = await page.evaluate(() => {
    const found = [document.title];
    const isOurs = (element: Element) =>
      element.closest("script, style, pre, code, [translate=no]") === null &&
      element.closest("body [lang=en]") === null;
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode())
      if (node.parentElement && isOurs(node.parentElement)) found.push(node.textContent?.trim() ?? "");
    for (const name of ["aria-label", "title", "placeholder", "aria-valuetext"])
      for (const element of document.querySelectorAll(`body [${name}]`))
        if (isOurs(element)) found.push(element.getAttribute(name) ?? "");
    return found;
  });
  return texts.filter((text) => words.has(text) || SENTENCE.test(text) || phrases.some((one) => text.includes(one)));
}
