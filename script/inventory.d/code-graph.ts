import ts from "typescript";
import { readSourceFiles, type SourceFile, visit } from "../../lib/testing/source-files";

/** A function, constant or class at the top level of a file of ours. */
export type Declaration = {
  /** From the project's root: "lib/core/sessions.ts". */
  path: string;
  name: string;
  node: ts.Node;
  isExported: boolean;
};

/** Where a name of a file leads: to a name of another file. */
type Link = { target: string; name: string };

type FileOf = {
  file: SourceFile;
  declarations: Map<string, Declaration>;
  /** Names that stand for something of another file; "*" of a namespace stands for all of it. */
  links: Map<string, Link>;
  /** What is exported under another name, or of another file. */
  exports: Map<string, Link>;
};

/**
 * What our code names, from one declaration to the next, read from its syntax alone: a name that stands in a declaration is taken
 * for a use of it. What is found so is all that can run, and sometimes more.
 */
export class CodeGraph {
  readonly #files: Map<string, FileOf>;
  readonly #uses = new Map<Declaration, readonly Declaration[]>();

  /** @param names folders and files from the project's root */
  constructor(...names: string[]) {
    const files = readSourceFiles(...names).filter(({ isTest, path }) => !isTest && !path.endsWith(".d.ts"));
    this.#files = new Map(files.map((file) => [moduleOf(file.path), readFile(file)]));
  }

  /** Every file's path and tree. */
  get files(): SourceFile[] {
    return [...this.#files.values()].map(({ file }) => file);
  }

  declarationsOf(path: string): Declaration[] {
    return [...(this.#files.get(moduleOf(path))?.declarations.values() ?? [])];
  }

  /** What a file gives under a name ("default" for its default export), or null: it gives none of ours. */
  exported(path: string, name: string): Declaration | null {
    return this.#find({ target: moduleOf(path), name }, new Set());
  }

  /** What stands in a file under a name, of its own or imported; null: nothing of ours. */
  named(path: string, name: string): Declaration | null {
    return this.#lookUp(moduleOf(path), name);
  }

  /** The names under which a file gives something. */
  exportsOf(path: string): string[] {
    const found = this.#files.get(moduleOf(path));
    if (!found) return [];
    const own = [...found.declarations.values()].filter(({ isExported }) => isExported);
    return [...own.map(({ name }) => name), ...found.exports.keys()];
  }

  /** What a declaration names. */
  uses(declaration: Declaration): readonly Declaration[] {
    const known = this.#uses.get(declaration);
    if (known) return known;
    const found = this.usesWithin(declaration.path, declaration.node).filter((each) => each !== declaration);
    this.#uses.set(declaration, found);
    return found;
  }

  /** What a part of a file names. */
  usesWithin(path: string, node: ts.Node): Declaration[] {
    const found = new Set<Declaration>();
    visit(node, (each) => {
      if (!ts.isIdentifier(each) || isOnlyAName(each)) return;
      const declaration = this.#lookUp(moduleOf(path), each.text, memberOf(each));
      if (declaration) found.add(declaration);
    });
    return [...found];
  }

  /** All that can be come to from some declarations, these included. `isEnd`: what is looked at, but not beyond. */
  reach(from: readonly Declaration[], isEnd: (declaration: Declaration) => boolean = () => false) {
    const seen = new Set(from);
    // A set's iterator goes on over what is added meanwhile.
    for (const declaration of seen)
      if (!isEnd(declaration)) for (const used of this.uses(declaration)) seen.add(used);
    return seen;
  }

  #lookUp(module: string, name: string, member: string | null = null): Declaration | null {
    const file = this.#files.get(module);
    const link = file?.links.get(name);
    if (!link) return file?.declarations.get(name) ?? null;
    if (link.name !== "*") return this.#find(link, new Set());
    return member === null ? null : this.#find({ target: link.target, name: member }, new Set());
  }

  #find({ target, name }: Link, seen: Set<string>): Declaration | null {
    const file = this.#files.get(target) ?? this.#files.get(`${target}/index`);
    if (!file || seen.has(`${target} ${name}`)) return null;
    seen.add(`${target} ${name}`);
    const again = file.exports.get(name);
    if (again) return this.#find(again, seen);
    return file.declarations.get(name) ?? this.#find(file.links.get(name) ?? { target: "", name }, seen);
  }
}

const moduleOf = (path: string) => path.replace(/\.tsx?$/, "");

/** Of `members.name`, the name; else null. */
function memberOf({ parent }: ts.Identifier): string | null {
  return ts.isPropertyAccessExpression(parent) ? parent.name.text : null;
}

/** Whether an identifier names a member, a field or a type's part, and no value at the top level. */
function isOnlyAName(node: ts.Identifier): boolean {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent)) return parent.name === node;
  if (ts.isPropertyAssignment(parent) || ts.isMethodDeclaration(parent)) return parent.name === node;
  return ts.isTypeReferenceNode(parent) || ts.isPropertySignature(parent) || ts.isQualifiedName(parent);
}

function readFile(file: SourceFile): FileOf {
  const found: FileOf = { file, declarations: new Map(), links: new Map(), exports: new Map() };
  const targets = new Map(file.imports.filter(({ isOurs }) => isOurs).map((each) => [each.specifier, each]));
  for (const statement of file.tree.statements) {
    if (ts.isImportDeclaration(statement)) readImport(statement, found, targets);
    else if (ts.isExportDeclaration(statement)) readExport(statement, file.path, found, targets);
    else readDeclarations(statement, file.path, found);
  }
  return found;
}

type Targets = ReadonlyMap<string, { target: string }>;

function targetOf(specifier: ts.Expression | undefined, targets: Targets): string | null {
  if (!specifier || !ts.isStringLiteral(specifier)) return null;
  return targets.get(specifier.text)?.target ?? null;
}

function readImport(
  { importClause, moduleSpecifier }: ts.ImportDeclaration,
  found: FileOf,
  targets: Targets,
) {
  const target = targetOf(moduleSpecifier, targets);
  if (target === null || !importClause) return;
  if (importClause.name) found.links.set(importClause.name.text, { target, name: "default" });
  const named = importClause.namedBindings;
  if (named && ts.isNamespaceImport(named)) found.links.set(named.name.text, { target, name: "*" });
  if (named && ts.isNamedImports(named))
    for (const { name, propertyName } of named.elements)
      found.links.set(name.text, { target, name: (propertyName ?? name).text });
}

function readExport(
  { exportClause, moduleSpecifier }: ts.ExportDeclaration,
  path: string,
  found: FileOf,
  targets: Targets,
) {
  const target = moduleSpecifier ? targetOf(moduleSpecifier, targets) : moduleOf(path);
  if (exportClause === undefined || !ts.isNamedExports(exportClause))
    throw new Error(
      `${path} exports all of another file, which the inventory does not follow: name what it exports`,
    );
  if (target === null) return;
  for (const { name, propertyName } of exportClause.elements) {
    const original = (propertyName ?? name).text;
    // Under its own name it is found as the file's own.
    if (moduleSpecifier || original !== name.text) found.exports.set(name.text, { target, name: original });
  }
}

function readDeclarations(statement: ts.Statement, path: string, found: FileOf) {
  const modifiers = ts.canHaveModifiers(statement) ? (ts.getModifiers(statement) ?? []) : [];
  const isExported = modifiers.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword);
  const isDefault = modifiers.some(({ kind }) => kind === ts.SyntaxKind.DefaultKeyword);
  const add = (name: string, node: ts.Node) => found.declarations.set(name, { path, name, node, isExported });
  if (ts.isFunctionDeclaration(statement) || ts.isClassDeclaration(statement)) {
    if (statement.name) add(statement.name.text, statement);
    if (isDefault) add("default", statement);
  } else if (ts.isVariableStatement(statement)) {
    for (const declaration of statement.declarationList.declarations)
      for (const name of namesIn(declaration.name)) add(name, declaration);
  } else if (ts.isExportAssignment(statement)) add("default", statement);
}

function namesIn(name: ts.BindingName): string[] {
  if (ts.isIdentifier(name)) return [name.text];
  return name.elements.flatMap((each) => (ts.isBindingElement(each) ? namesIn(each.name) : []));
}
