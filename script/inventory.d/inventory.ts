import ts from "typescript";
import { OPERATIONS, type Operation } from "../../lib/core/access/operations";
import { UNGUARDED } from "../../lib/core/access/unguarded";
import { visit } from "../../lib/testing/source-files";
import { CodeGraph, type Declaration } from "./code-graph";
import { NAMED, PUBLIC } from "./public";

// Every way into the service, and which operations of the access matrix it leads to. It is read from the code: a way in leads to
// use cases, and these name their operation where they ask the guard.

/** What kinds of ways in there are, each found where the framework or the kit finds it. */
export type Kind = "page" | "action" | "route" | "dialect" | "rpc" | "command" | "server";

/** A way in. */
export type Entry = {
  kind: Kind;
  /** "app/(web)/settings/page.tsx", "… signOut" for an action, "thogits POST /api/auth/login", "countersign user list". */
  name: string;
  operations: readonly Operation[];
  /** The use cases that it calls, by name. */
  useCases: readonly string[];
  /** Why it names no operation; null: it names one. */
  because: string | null;
};

/** All ways in, and what is wrong with them: the build fails if anything is. */
export type Inventory = { entries: readonly Entry[]; faults: readonly string[] };

/** A way in as it is found: the parts of a file, or of several, that answer it. */
type Root = { kind: Kind; name: string; parts: readonly Pick<Declaration, "path" | "node">[] };

/** The files that Next answers with (its documentation, "File-system conventions"); the rest of `app` is what these import. */
const PAGES = /^app\/(?:.*\/)?(?:page|layout|template|default|loading|error|global-error|not-found)\.tsx$/;
const ROUTES =
  /^app\/(?:.*\/)?(?:route|sitemap|robots|manifest|icon\d?|apple-icon\d?|opengraph-image\d?|twitter-image\d?)\.tsx?$/;

const isOperation = (text: string): text is Operation => Object.hasOwn(OPERATIONS, text);

/** Finds every way in and what it leads to. Throws Error for code that it cannot follow. */
export function takeInventory(): Inventory {
  const code = new CodeGraph("app", "components", "lib", "bin", "proxy.ts", "instrumentation.ts");
  const faults = aroundTheCore(code);
  const roots = [
    ...pagesAndRoutes(code),
    ...actions(code, faults),
    ...dialectOperations(code),
    ...rpcs(code),
    ...commands(code),
    ...servers(),
  ];
  const entries = roots.map((root) => entryOf(code, root, faults));
  return { entries, faults: [...faults, ...staleness(entries)] };
}

/** Where an edge asks the database itself, and so no use case: what it does then is not found by its use cases. */
function aroundTheCore(code: CodeGraph): string[] {
  const edges = code.files.filter(({ path }) =>
    /^(?:app|components|lib\/web|lib\/dialects|proxy)\b/.test(path),
  );
  return edges.flatMap(({ path, tree }) => {
    let isFound = false;
    visit(tree, (node) => {
      const isMember = ts.isPropertyAccessExpression(node) && node.name.text === "db";
      const isPart = ts.isBindingElement(node) && (node.propertyName ?? node.name).getText() === "db";
      isFound ||= isMember || isPart;
    });
    return isFound ? [`${path} asks the database, which is for the core alone`] : [];
  });
}

/** An exported function of the core that is given a request's Context. */
function isUseCase({ path, node, isExported }: Declaration): boolean {
  if (!path.startsWith("lib/core/") || !isExported || !ts.isFunctionDeclaration(node)) return false;
  return node.parameters[0]?.type?.getText() === "Context";
}

/** What a dialect is, as data: what answers at its addresses is found by its operations. */
function isDialect({ node }: Declaration): boolean {
  return (
    ts.isVariableDeclaration(node) &&
    node.initializer !== undefined &&
    ts.isCallExpression(node.initializer) &&
    node.initializer.expression.getText() === "defineDialect"
  );
}

const asked = new Map<Declaration, readonly Operation[]>();

/** The operations that a use case asks the guard about, itself or by what it calls. */
function askedBy(code: CodeGraph, useCase: Declaration): readonly Operation[] {
  const known = asked.get(useCase);
  if (known) return known;
  const inCore = [...code.reach([useCase])].filter(({ path }) => path.startsWith("lib/core/"));
  const found = [...new Set(inCore.flatMap(({ node }) => guardCalls(node)))];
  asked.set(useCase, found);
  return found;
}

/** The operations in the first argument of each call of the guard. */
function guardCalls(node: ts.Node): Operation[] {
  const found: Operation[] = [];
  visit(node, (each) => {
    if (!ts.isCallExpression(each) || each.expression.getText() !== "requireAccess") return;
    if (each.arguments[0]) found.push(...operationsIn(each.arguments[0]));
  });
  return found;
}

function operationsIn(node: ts.Node): Operation[] {
  const found: Operation[] = [];
  visit(node, (each) => {
    if (ts.isStringLiteral(each) && isOperation(each.text)) found.push(each.text);
  });
  return found;
}

function entryOf(code: CodeGraph, { kind, name, parts }: Root, faults: string[]): Entry {
  const own = parts.flatMap(({ path, node }) => code.usesWithin(path, node));
  const reached = code.reach(own, (each) => isUseCase(each) || isDialect(each));
  const found = new Set(NAMED[name] ?? []);
  const useCases = [...reached].filter(isUseCase);
  for (const useCase of useCases) {
    const guarded = askedBy(code, useCase);
    const unguarded = UNGUARDED[useCase.name];
    for (const operation of guarded.length > 0 ? guarded : (unguarded?.does ?? [])) found.add(operation);
    if (guarded.length > 0) continue;
    if (!unguarded) faults.push(`${name} calls ${useCase.path} ${useCase.name}, which asks no guard`);
    else if (unguarded.only && unguarded.only !== kind)
      faults.push(`${name} calls ${useCase.name}, which is for a ${unguarded.only} alone`);
  }
  const because = PUBLIC[name] ?? null;
  if (found.size === 0 && because === null) faults.push(`${name} leads to no operation of the access matrix`);
  if (found.size > 0 && because !== null)
    faults.push(`${name} is said to be public, but leads to operations`);
  const names = useCases.map((each) => each.name).sort();
  return { kind, name, operations: [...found].sort(), useCases: names, because };
}

/** What the lists say that is so no more. */
function staleness(entries: readonly Entry[]): string[] {
  const names = new Set(entries.map(({ name }) => name));
  const used = new Set(entries.flatMap(({ useCases }) => useCases));
  const named = new Set(entries.flatMap(({ operations }) => operations));
  return [
    ...Object.keys({ ...PUBLIC, ...NAMED })
      .filter((name) => !names.has(name))
      .map((name) => `${name} is no way in`),
    ...Object.keys(UNGUARDED)
      .filter((name) => !used.has(name))
      .map((name) => `${name} is called by no way in`),
    // Its keys are exactly Operation's.
    ...(Object.keys(OPERATIONS) as Operation[])
      .filter((operation) => !named.has(operation))
      .map((operation) => `${operation} has no way in`),
    ...[...names]
      .filter((name) => entries.filter((entry) => entry.name === name).length > 1)
      .map((name) => `${name} is there twice`),
  ];
}

function pagesAndRoutes(code: CodeGraph): Root[] {
  return code.files.flatMap(({ path }): Root[] => {
    const kind = PAGES.test(path) ? "page" : ROUTES.test(path) ? "route" : null;
    if (kind === null) return [];
    const exported = code.exportsOf(path).flatMap((name) => code.exported(path, name) ?? []);
    const dialect = exported.flatMap(({ node }) => addressIn(code, path, node));
    // The dialect's operations at that address are ways in by themselves.
    if (dialect.length > 0) return [];
    return [{ kind, name: path, parts: exported }];
  });
}

/** Whether a route's export is a dialect's `at(path)` or `elsewhere`. */
function addressIn(code: CodeGraph, path: string, node: ts.Node): true[] {
  if (!ts.isVariableDeclaration(node) || !node.initializer) return [];
  const { initializer } = node;
  const member = ts.isCallExpression(initializer) ? initializer.expression : initializer;
  if (!ts.isPropertyAccessExpression(member) || !/^(?:at|elsewhere)$/.test(member.name.text)) return [];
  const dialect = code.named(path, member.expression.getText());
  return dialect && isDialect(dialect) ? [true] : [];
}

const USE_SERVER = (statement: ts.Node | undefined) =>
  statement !== undefined &&
  ts.isExpressionStatement(statement) &&
  ts.isStringLiteral(statement.expression) &&
  statement.expression.text === "use server";

function actions(code: CodeGraph, faults: string[]): Root[] {
  return code.files.flatMap(({ path, tree }): Root[] => {
    visit(tree, (node) => {
      if (ts.isBlock(node) && USE_SERVER(node.statements[0]))
        faults.push(`${path} has a server action within a function: give it a file of its own`);
    });
    if (!USE_SERVER(tree.statements[0])) return [];
    return code.exportsOf(path).flatMap((name): Root[] => {
      const declaration = code.exported(path, name);
      if (!declaration) return [];
      return [{ kind: "action", name: `${path} ${name}`, parts: [declaration] }];
    });
  });
}

function dialectOperations(code: CodeGraph): Root[] {
  return code.files.flatMap(({ path, tree }): Root[] => {
    const [, dialect] = /^lib\/dialects\/(\w+)\//.exec(path) ?? [];
    if (dialect === undefined) return [];
    const found: Root[] = [];
    visit(tree, (node) => {
      if (!ts.isCallExpression(node) || node.expression.getText() !== "operation") return;
      const spec = node.arguments[0];
      if (!spec || !ts.isObjectLiteralExpression(spec))
        throw new Error(`${path} has an operation whose parts do not stand in it`);
      const name = `${dialect} ${textOf(code, path, spec, "method")} ${textOf(code, path, spec, "path")}`;
      found.push({ kind: "dialect", name, parts: [{ path, node: spec }] });
    });
    return found;
  });
}

/** A field of an object, or of one that it spreads, as text. */
function textOf(code: CodeGraph, path: string, spec: ts.ObjectLiteralExpression, field: string): string {
  for (const property of spec.properties) {
    if (ts.isPropertyAssignment(property) && property.name.getText() === field)
      return evaluated(code, path, property.initializer);
    if (ts.isSpreadAssignment(property)) {
      const spread = initializerOf(code, path, property.expression);
      if (spread && ts.isObjectLiteralExpression(spread) && hasField(spread, field))
        return textOf(code, path, spread, field);
    }
  }
  throw new Error(`${path} has an operation without ${field}`);
}

const hasField = (spec: ts.ObjectLiteralExpression, field: string) =>
  spec.properties.some((property) => property.name?.getText() === field);

/** What a constant is set to. */
function initializerOf(code: CodeGraph, path: string, name: ts.Expression): ts.Expression | null {
  const node = code.named(path, name.getText())?.node;
  if (!node || !ts.isVariableDeclaration(node) || !node.initializer) return null;
  return ts.isAsExpression(node.initializer) ? node.initializer.expression : node.initializer;
}

/** The text that an expression is, of literals and constants. */
function evaluated(code: CodeGraph, path: string, node: ts.Expression): string {
  if (ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node)) return node.text;
  if (ts.isTemplateExpression(node))
    return node.templateSpans.reduce(
      (text, span) => text + evaluated(code, path, span.expression) + span.literal.text,
      node.head.text,
    );
  const constant = initializerOf(code, path, node);
  if (constant) return evaluated(code, path, constant);
  throw new Error(`${path}: ${node.getText()} is no text that can be read`);
}

/** The services that a router of RPCs is given, each function of theirs. */
function rpcs(code: CodeGraph): Root[] {
  return code.files.flatMap(({ path, tree }): Root[] => {
    const found: Root[] = [];
    visit(tree, (node) => {
      if (!ts.isCallExpression(node) || node.expression.getText() !== "router.service") return;
      const [service, methods] = node.arguments;
      if (!path.startsWith("lib/dialects/") || !service || !methods || !ts.isObjectLiteralExpression(methods))
        return;
      for (const property of methods.properties)
        found.push({
          kind: "rpc",
          name: `${service.getText()} ${property.name?.getText()}`,
          parts: [{ path, node: property }],
        });
    });
    return found;
  });
}

/** The command line's: what stands in `.action()` of commander. */
function commands(code: CodeGraph): Root[] {
  const inCommands = code.files.filter(({ path }) => path.startsWith("bin/commands/"));
  return inCommands.flatMap(({ path, tree }): Root[] => {
    const found: Root[] = [];
    visit(tree, (node) => {
      if (!ts.isCallExpression(node) || !ts.isPropertyAccessExpression(node.expression)) return;
      if (node.expression.name.text !== "action") return;
      const names = commandNames(node.expression.expression, tree);
      found.push({
        kind: "command",
        name: ["countersign", ...names].join(" "),
        parts: node.arguments.map((argument) => ({ path, node: argument })),
      });
    });
    return found;
  });
}

/** The words that call a command: of `group.command("a").option(...)`, the group's and "a". */
function commandNames(node: ts.Expression, tree: ts.SourceFile): string[] {
  if (ts.isIdentifier(node)) {
    let names: string[] = [];
    visit(tree, (each) => {
      if (names.length > 0 || !ts.isVariableDeclaration(each) || !each.initializer) return;
      if (each.name.getText() === node.text) names = commandNames(each.initializer, tree);
    });
    return names;
  }
  if (!ts.isCallExpression(node) || !ts.isPropertyAccessExpression(node.expression)) return [];
  const before = commandNames(node.expression.expression, tree);
  const [word] = node.arguments;
  const isCommand = node.expression.name.text === "command" && word && ts.isStringLiteral(word);
  return isCommand ? [...before, word.text] : before;
}

/** What the server around Next answers at addresses of its own (lib/server/http-server.ts, lib/server/metrics.ts). */
function servers(): Root[] {
  return ["/healthz", "/readyz", "/metrics"].map((name) => ({ kind: "server", name, parts: [] }));
}
