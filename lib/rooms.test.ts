import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { expect, test } from "vitest";

/**
 * The drawing: which room may import from which. An arrow that is not here fails. A room may always import itself.
 * `leaf` is any file directly in lib. Schema files may be imported by every room but the simulator and the commands.
 */
const ARROWS: Record<string, string[]> = {
  app: [
    "components",
    "lib/gate",
    "lib/lifecycle",
    "lib/tasks",
    "lib/clusters",
    "lib/audit",
    "lib/auth",
    "lib/i18n",
    "leaf",
  ],
  components: [], // and the pure modules below
  "lib/gate": ["lib/auth", "lib/clusters", "lib/audit", "leaf"],
  "lib/lifecycle": ["lib/tasks", "lib/clusters", "lib/audit", "lib/obshell", "lib/db", "leaf"],
  "lib/tasks": ["lib/clusters", "lib/audit", "lib/obshell", "leaf"],
  "lib/clusters": ["lib/obshell", "lib/audit", "lib/db", "leaf"],
  "lib/auth": ["lib/audit", "lib/db", "leaf"],
  "lib/audit": ["lib/db", "leaf"],
  "lib/db": ["leaf"],
  "lib/obshell": ["leaf"],
  "lib/i18n": [],
  "lib/simulator": [],
  "lib/commands": [],
  leaf: [],
  root: ["leaf", "lib/commands", "lib/audit", "lib/db", "lib/gate", "lib/auth", "lib/clusters", "lib/lifecycle"], // instrumentation and the tools' configuration
};

/** A schema file may import the schema files of the rooms before its own, what a failure looks like, and how addresses are read. */
const ADDRESSES = "lib/address.ts";
const SCHEMA_ORDER = ["lib/obshell", "lib/clusters", "lib/auth", "lib/lifecycle", "lib/tasks", "lib/audit"];

/** What runs in the browser as well: components may import these whole, and of schema files the types only. */
const PURE = [
  "lib/lifecycle/impact.ts",
  "lib/lifecycle/locality.ts",
  "lib/lifecycle/majority.ts",
  "lib/lifecycle/start-impact.ts",
  "lib/clusters/environment.ts",
  "lib/clusters/typed-name.ts",
  "lib/clusters/unheard.ts",
  "lib/obshell/deadline.ts",
  ADDRESSES,
  "lib/clusters/gone-member.ts",
  "lib/clusters/has-agent.ts",
  "lib/auth/permissions.ts",
  "lib/tasks/engine-words.ts",
  "lib/errors.ts",
  "lib/csv.ts",
  "lib/few.ts",
  "lib/get-json.ts",
  "lib/keys-of.ts",
  "lib/lanes.ts",
  "lib/signed-out.ts",
  "lib/store-away.ts",
  "lib/i18n/locale.ts",
  "lib/i18n/zone.ts",
  "lib/i18n/wall-clock.ts",
];
/** Browser code takes their types, never their values: zod and both languages would come along. */
const isTypesOnly = (path: string) => isSchema(path) || path === "lib/i18n/messages.ts";

const SERVER_PACKAGES = /^(node:|undici$|pino$|kysely$|@photostructure\/sqlite$|pg$|better-auth)/;
const NOT_IN_THE_BROWSER =
  /^(node:|undici$|pino$|zod$|node-forge$|kysely$|@photostructure\/sqlite$|pg$|better-auth|next\/headers$|server-only$)/;
/** Shared with plain Node programs or with the start of the process, where `server-only` cannot be had. */
const WITHOUT_SERVER_ONLY = /^lib\/(commands|simulator|obshell\/wire)\/|^lib\/(config|text-file)\.ts$|\/schema\.ts$/;

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const CODE = /\.(tsx?|mjs)$/;

interface Import {
  /** A repository path, or the name of a package. */
  to: string;
  isPackage: boolean;
  typeOnly: boolean;
}

interface Module {
  path: string;
  source: ts.SourceFile;
  directive: string | undefined;
  imports: Import[];
}

/** What stands in a `testing` folder serves tests alone. */
const isTest = (path: string) => /\.test\.[a-z]+$|\/testing\//.test(path);
const isSchema = (path: string) => /^lib\/[^/]+\/schema\.ts$/.test(path);
const runsInBrowser = (module: Module) =>
  module.path.startsWith("components/") || module.directive === "use client" || PURE.includes(module.path);

function roomOf(path: string): string {
  const [first = "", second = ""] = path.split("/");
  if (!path.includes("/")) return "root";
  if (first !== "lib") return first;
  return second.includes(".") ? "leaf" : `lib/${second}`;
}

function filesIn(folder: string): string[] {
  if (!existsSync(join(ROOT, folder))) return [];
  return readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && CODE.test(entry.name))
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)).replaceAll("\\", "/"));
}

function resolveImport(from: string, specifier: string): { to: string; isPackage: boolean } {
  if (!specifier.startsWith(".") && !specifier.startsWith("@/")) return { to: specifier, isPackage: true };
  const base = specifier.startsWith("@/") ? specifier.slice(2) : join(dirname(from), specifier);
  const candidates = ["", ".ts", ".tsx", ".mjs", "/index.ts", "/index.tsx"].map((ending) => base + ending);
  const found = candidates.find((path) => existsSync(join(ROOT, path)) && statSync(join(ROOT, path)).isFile());
  return { to: (found ?? `${base}.ts`).replaceAll("\\", "/"), isPackage: false }; // a missing file is for the types to find
}

function importsOf(path: string, source: ts.SourceFile): Import[] {
  const imports: Import[] = [];
  const add = (specifier: ts.Node | undefined, typeOnly: boolean) => {
    if (specifier && ts.isStringLiteralLike(specifier))
      imports.push({ ...resolveImport(path, specifier.text), typeOnly });
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) {
      const named = node.importClause?.namedBindings;
      const everyNameIsType =
        named !== undefined &&
        ts.isNamedImports(named) &&
        node.importClause?.name === undefined &&
        named.elements.every((element) => element.isTypeOnly);
      add(node.moduleSpecifier, (node.importClause?.isTypeOnly ?? false) || everyNameIsType);
    } else if (ts.isExportDeclaration(node)) add(node.moduleSpecifier, node.isTypeOnly);
    else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) add(node.argument.literal, true);
    else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      add(node.arguments[0], false);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return imports;
}

function directiveOf(source: ts.SourceFile): string | undefined {
  const [first] = source.statements;
  return first && ts.isExpressionStatement(first) && ts.isStringLiteral(first.expression)
    ? first.expression.text
    : undefined;
}

function readModule(path: string): Module {
  const source = ts.createSourceFile(path, readFileSync(join(ROOT, path), "utf8"), ts.ScriptTarget.Latest, true);
  return { path, source, directive: directiveOf(source), imports: importsOf(path, source) };
}

const rootFiles = readdirSync(ROOT).filter((name) => CODE.test(name) && !name.endsWith(".d.ts"));
const modules = [...["app", "components", "lib"].flatMap(filesIn), ...rootFiles]
  .filter((path) => !isTest(path))
  .map(readModule);

/** Why this import is no arrow of the drawing, or null. */
function whyNot(module: Module, { to, isPackage, typeOnly }: Import): string | null {
  if (isPackage || !CODE.test(to)) return null;
  const from = roomOf(module.path);
  const room = roomOf(to);
  if (isSchema(module.path)) {
    if ((typeOnly && to === "lib/errors.ts") || to === ADDRESSES) return null;
    const isBelow = SCHEMA_ORDER.indexOf(room) < SCHEMA_ORDER.indexOf(from);
    return isSchema(to) && isBelow ? null : "a schema file imports only the schema files of rooms below";
  }
  if (runsInBrowser(module) && !to.startsWith("components/")) {
    if (PURE.includes(to)) return null;
    if (isTypesOnly(to)) return typeOnly ? null : "browser code takes its types only: import type";
    if (from !== "app" || room !== "app") return "browser code imports components, types and the pure modules only";
  }
  if (from === room) return null;
  if (isSchema(to) && from !== "lib/simulator" && from !== "lib/commands") return null;
  return ARROWS[from]?.includes(room) ? null : `no arrow from ${from} to ${room}`;
}

function breaches(check: (module: Module) => string[]): string[] {
  return modules.flatMap((module) => check(module).map((why) => `${module.path}: ${why}`));
}

test("the modules are found at all, so that an empty list of breaches means something", () => {
  expect(modules.length).toBeGreaterThan(40);
  expect(modules.flatMap((module) => module.imports).length).toBeGreaterThan(100);
  expect(modules.map((module) => roomOf(module.path)).filter((room) => !(room in ARROWS))).toEqual([]);
  expect(PURE.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
});

test("every import follows an arrow of the drawing", () => {
  const found = breaches((module) =>
    module.imports.flatMap((imported) => {
      const why = whyNot(module, imported);
      return why === null ? [] : [`imports ${imported.to}: ${why}`];
    }),
  );
  expect(found).toEqual([]);
});

test("nothing that is shipped imports what serves tests", () => {
  expect(breaches((module) => module.imports.filter(({ to }) => isTest(to)).map(({ to }) => `imports ${to}`))).toEqual(
    [],
  );
});

test("browser code loads no server package, and the simulator's cryptography is not the client's", () => {
  const found = breaches((module) =>
    module.imports
      .filter(({ to, isPackage, typeOnly }) => {
        if (!isPackage || typeOnly) return false;
        if (module.path.startsWith("lib/simulator/")) return to === "node-forge";
        return runsInBrowser(module) && NOT_IN_THE_BROWSER.test(to);
      })
      .map(({ to }) => `imports ${to}`),
  );
  expect(found).toEqual([]);
});

test("no module imports itself through others, not even for a type", () => {
  const byPath = new Map(modules.map((module) => [module.path, module]));
  const done = new Set<string>();
  const cycles: string[] = [];
  const visit = (path: string, trail: string[]): void => {
    const seenAt = trail.indexOf(path);
    if (seenAt >= 0) cycles.push([...trail.slice(seenAt), path].join(" → "));
    if (seenAt >= 0 || done.has(path)) return;
    for (const { to } of byPath.get(path)?.imports ?? []) if (byPath.has(to)) visit(to, [...trail, path]);
    done.add(path);
  };
  for (const { path } of modules) visit(path, []);
  expect(cycles).toEqual([]);
});

test("no file hands on what another one holds", () => {
  const found = breaches((module) =>
    module.source.statements
      .filter((statement) => ts.isExportDeclaration(statement) && statement.moduleSpecifier !== undefined)
      .map((statement) => `hands on: ${statement.getText()}`),
  );
  expect(found).toEqual([]);
});

test("server modules of lib say so in their first line", () => {
  const found = breaches((module) => {
    if (!module.path.startsWith("lib/") || WITHOUT_SERVER_ONLY.test(module.path)) return [];
    const server = module.imports.find(
      ({ to, typeOnly }) => !typeOnly && (SERVER_PACKAGES.test(to) || to === "lib/log.ts"),
    );
    const [first] = module.source.statements;
    const says = first !== undefined && /^import ["']server-only["'];$/.test(first.getText());
    return server && !says ? [`imports ${server.to}, but does not begin with import "server-only"`] : [];
  });
  expect(found).toEqual([]);
});

/** Every export of a "use server" file is a public endpoint, so each must be one on purpose. */
function isAction(statement: ts.Statement): boolean {
  if (ts.isFunctionDeclaration(statement)) {
    return statement.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.AsyncKeyword) ?? false;
  }
  if (!ts.isVariableStatement(statement)) return false;
  return statement.declarationList.declarations.every(
    ({ initializer }) =>
      initializer !== undefined &&
      ts.isCallExpression(initializer) &&
      initializer.expression.getText() === "defineAction",
  );
}

test('"use server" files export actions and nothing else', () => {
  const found = breaches((module) => {
    if (module.directive !== "use server") return [];
    return module.source.statements
      .filter((statement) => {
        const isExported =
          ts.isExportDeclaration(statement) ||
          ts.isExportAssignment(statement) ||
          (ts.canHaveModifiers(statement) &&
            (ts.getModifiers(statement)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) ?? false));
        return isExported && !isAction(statement);
      })
      .map((statement) => `exports what is no action: ${statement.getText().slice(0, 60)}`);
  });
  expect(found).toEqual([]);
});
