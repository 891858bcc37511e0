import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import ts from "typescript";
import { findProjectRoot } from "@/lib/db/project-root";

/** One import or re-export. */
export type Import = {
  /** A file of ours, from the project's root and without its ending ("lib/core/users"), or a package's name. */
  target: string;
  /** As it is written. */
  specifier: string;
  isOurs: boolean;
  /** Gone when the code runs. */
  isTypeOnly: boolean;
};

/** A source file of ours, parsed. `path` is from the project's root. */
export type SourceFile = { path: string; isTest: boolean; imports: Import[]; tree: ts.SourceFile };

const root = findProjectRoot();

/** Every TypeScript file under folders or files named from the project's root; what Prisma generates is left out. */
export function readSourceFiles(...names: string[]): SourceFile[] {
  return names.flatMap(findFiles).map((path) => {
    const text = readFileSync(join(root, path), "utf8");
    const tree = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
    const isTest = /\.test\.tsx?$|\/testing\/|^e2e\//.test(path);
    return { path, isTest, imports: importsOf(tree, path), tree };
  });
}

function findFiles(name: string): string[] {
  const path = join(root, name);
  if (/\.tsx?$/.test(name)) return existsSync(path) ? [name] : [];
  if (!existsSync(path)) return [];
  return readdirSync(path, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .filter((file) => !file.startsWith("lib/db/generated/"))
    .sort();
}

function importsOf(tree: ts.SourceFile, path: string): Import[] {
  const found: Import[] = [];
  const add = (specifier: ts.Node | undefined, isTypeOnly: boolean) => {
    if (!specifier || !ts.isStringLiteral(specifier)) return;
    const { text } = specifier;
    const isOurs = /^(?:\.|@\/)/.test(text);
    const from = text.startsWith("@/") ? text.slice(2) : join(dirname(path), text);
    const target = isOurs ? from.replace(/\.tsx?$/, "") : text;
    found.push({ target, specifier: text, isOurs, isTypeOnly });
  };
  visit(tree, (node) => {
    if (ts.isImportDeclaration(node)) add(node.moduleSpecifier, isTypeImport(node));
    if (ts.isExportDeclaration(node)) add(node.moduleSpecifier, node.isTypeOnly);
    if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      add(node.arguments[0], false);
    }
  });
  return found;
}

function isTypeImport({ importClause: clause }: ts.ImportDeclaration): boolean {
  if (!clause) return false;
  if (clause.phaseModifier === ts.SyntaxKind.TypeKeyword) return true;
  const named = clause.namedBindings;
  return (
    !clause.name && !!named && ts.isNamedImports(named) && named.elements.every((each) => each.isTypeOnly)
  );
}

/** Walks a tree from its root down. */
export function visit(node: ts.Node, see: (node: ts.Node) => void): void {
  see(node);
  ts.forEachChild(node, (child) => visit(child, see));
}
