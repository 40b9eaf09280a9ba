import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const read = (path: string) => readFileSync(join(ROOT, path), "utf8");

const rootDocuments = ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md"];
const otherDocuments = existsSync(join(ROOT, "docs"))
  ? readdirSync(join(ROOT, "docs"), { recursive: true, encoding: "utf8" }).map((path) => `docs/${path}`)
  : [];
const documents = [...rootDocuments, ...otherDocuments].filter(
  (path) => path.endsWith(".md") && existsSync(join(ROOT, path)),
);

/** A path of this repository anywhere in a text; one with a wildcard or an ellipsis names no single file. */
const REPOSITORY_PATH = /(?<![\w./-])(?:@\/)?((?:app|components|lib|e2e|public|docs|\.ci)\/[\w./[\]*{}<>…-]+)/g;
const LINK = /\]\((?!\w+:|#)([^)#\s]+)/g;

function namedPaths(document: string): string[] {
  const text = read(document);
  const links = [...text.matchAll(LINK)].map((match) => join(dirname(document), match[1] ?? ""));
  const paths = [...text.matchAll(REPOSITORY_PATH)].map((match) =>
    (match[1] ?? "").replace(/[.]+$/, "").replace(/^([^[]*)\].*$/, "$1"),
  );
  return [...links, ...paths].filter((path) => !/[*{}<>…]/.test(path));
}

describe("documents", () => {
  test("there are some", () => expect(documents.length).toBeGreaterThan(0));

  test.each(documents)("%s names only paths that exist", (document) => {
    expect(namedPaths(document).filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
  });

  test.each(documents)("%s names only npm scripts that exist", (document) => {
    const { scripts } = JSON.parse(read("package.json")) as { scripts: Record<string, string> };
    const named = [...read(document).matchAll(/npm run ([\w:-]+)/g)].map((match) => match[1] ?? "");
    expect(named.filter((name) => !(name in scripts))).toEqual([]);
  });
});

test("docs/operate.md quotes nothing that the console does not say", () => {
  const sources = ["lib", "instrumentation-node.ts"].flatMap((place) =>
    (place.includes(".")
      ? [place]
      : readdirSync(join(ROOT, place), { recursive: true, encoding: "utf8" }).map((path) => `${place}/${path}`)
    ).filter((path) => /(?<!\.test)\.(ts|mjs)$|messages\/en\/.*\.json$/.test(path)),
  );
  const said = sources.map((path) => read(path)).join("\n");
  const quoted = [...read("docs/operate.md").matchAll(/^\| “([^”]+)”/gm)].map((match) => match[1] ?? "");
  expect(quoted.length).toBeGreaterThan(5);
  expect(quoted.flatMap((words) => words.split("…")).filter((part) => !said.includes(part.trim()))).toEqual([]);
});

/** The arguments and tags of an ICU message, sorted. Words of a plural or a select are searched too; its keys are not. */
function placeholders(message: string): string[] {
  const names = new Set<string>();
  let at = 0;
  const readText = (): void => {
    for (; at < message.length && message[at] !== "}"; at += 1) {
      if (message[at] === "'" && /[{}<]/.test(message[at + 1] ?? "")) at = closingQuote(at + 1);
      else if (message[at] === "{") readArgument();
      else if (message[at] === "<") names.add(/^<\/?[\w-]+/.exec(message.slice(at))?.[0].replace("/", "") ?? "<");
    }
  };
  const closingQuote = (from: number) => {
    const end = message.indexOf("'", from);
    return end < 0 ? message.length : end;
  };
  const readArgument = (): void => {
    const head = /^\{\s*([\w-]+)\s*(?:,\s*(plural|selectordinal|select)\s*,)?/.exec(message.slice(at));
    if (!head) throw new Error(`not an ICU message: ${message}`);
    names.add(head[1] ?? "");
    at += head[0].length;
    for (; message[at] !== "}"; at += 1) {
      if (at >= message.length) throw new Error(`a brace is not closed: ${message}`);
      if (head[2] === undefined || message[at] !== "{") continue;
      at += 1;
      readText();
    }
  };
  readText();
  if (at < message.length) throw new Error(`a brace too many: ${message}`);
  return [...names].sort();
}

function flatten(tree: object, prefix = ""): [string, string][] {
  return Object.entries(tree).flatMap(([key, value]: [string, unknown]) =>
    typeof value === "object" && value !== null ? flatten(value, `${prefix}${key}.`) : [[prefix + key, String(value)]],
  );
}

describe("messages", () => {
  const folder = "lib/i18n/messages";
  const languages = readdirSync(join(ROOT, folder)).sort();
  const files = readdirSync(join(ROOT, folder, "en")).sort();
  const messagesOf = (language: string, file: string) =>
    flatten(JSON.parse(read(`${folder}/${language}/${file}`)) as object);

  test("both languages have the same files", () => {
    expect(languages).toEqual(["en", "zh"]);
    expect(readdirSync(join(ROOT, folder, "zh")).sort()).toEqual(files);
  });

  test.each(files)("%s says the same in both languages: keys and placeholders", (file) => {
    const outline = (language: string) =>
      messagesOf(language, file)
        .map(([key, message]) => `${key}: ${placeholders(message).join(", ")}`)
        .sort();
    expect(outline("en").length).toBeGreaterThan(0);
    expect(outline("zh")).toEqual(outline("en"));
  });

  test.each([
    ["{count, plural, one {# of {total}} other {# <b>left</b>}}", ["<b", "count", "total"]],
    ["it's {at, date, short}, '{not} this'", ["at"]],
    ["{kind, select, stop {Stop {name}} other {Start}}", ["kind", "name"]],
  ])("the placeholders of %s are found", (message, expected) => expect(placeholders(message)).toEqual(expected));
});
