import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { limitsDocument } from "../script/limits.d/limits-document";
import { isAdministrators, SCOPES } from "./core/access/scopes";
import { TOKEN_PREFIX } from "./core/api-tokens";
import { newToken } from "./crypto/tokens";
import { findProjectRoot } from "./db/project-root";

const root = findProjectRoot();
const read = (path: string) => readFileSync(join(root, path), "utf8");

const documents = [
  ...readdirSync(root).filter((name) => name.endsWith(".md")),
  ...readdirSync(join(root, "docs"), { recursive: true })
    .map((name) => `docs/${name}`)
    .filter((name) => name.endsWith(".md")),
];

describe("the documents", () => {
  it("tell the limits that the code has (else run script/limits)", () => {
    expect(read("docs/limits.md")).toBe(limitsDocument());
  });

  it("explain every setting", () => {
    const settings = [...read("lib/env.ts").matchAll(/^ {2}([A-Z][A-Z_]+):/gm)].map(([, name]) => name);
    expect(settings.length).toBeGreaterThan(10);
    expect(settings.filter((name) => !read("README.md").includes(`| \`${name}\` |`))).toEqual([]);
  });

  it("explain every scope that an API token can have, and whose it is", () => {
    const listed = [
      ...read("README.md").matchAll(/^\| `([\w:.]+)` \| [^|]+ \| (everybody|administrators)'s? \|$/gm),
    ];
    const whose = Object.fromEntries(listed.map(([, scope, owners]) => [scope, owners]));
    const scopes = SCOPES.map((scope) => [scope, isAdministrators(scope) ? "administrators" : "everybody"]);
    expect(whose).toEqual(Object.fromEntries(scopes));
  });

  it("give scanners an expression that finds a token, and nothing that is longer or shorter", () => {
    const [, source = ""] = /```text\n(.*countersign_.*)\n```/.exec(read("README.md")) ?? [];
    const found = (text: string) => text.match(new RegExp(source, "g"));
    for (let n = 0; n < 100; n += 1) {
      const token = `${TOKEN_PREFIX}${newToken()}`;
      expect(found(`key="${token}", ${token}\n`)).toEqual([token, token]);
      expect(found(`${token}a ${token.slice(0, -1)} x${token}`)).toBeNull();
    }
  });

  // The browser tests make the screenshots, after these tests.
  it.each(documents)("%s links to files that exist", (document) => {
    const targets = [
      ...read(document).matchAll(/\]\((?!https?:|#|mailto:|docs\/screenshots\/)([^)#]+)/g),
    ].map(([, target]) => target ?? "");
    const lost = targets.filter((target) => !existsSync(join(root, dirname(document), target)));
    expect(lost).toEqual([]);
  });

  it("link a test to each promise", () => {
    const [, promises = ""] = /## What is promised\n([\s\S]*?)\n## /.exec(read("SECURITY.md")) ?? [];
    const each = promises.split(/^- \*\*/m).slice(1);
    expect(each.length).toBeGreaterThan(20);
    expect(each.filter((promise) => !/\n {2}Tests: \[[\s\S]+\.(?:test|spec)\.ts\)/.test(promise))).toEqual(
      [],
    );
  });

  it("name files that exist", () => {
    const named = documents.flatMap((document) =>
      [...read(document).matchAll(/`((?:app|bin|components|docs|lib|prisma|script)\/[\w./[\]()-]*\w)`/g)].map(
        ([, path]) => path ?? "",
      ),
    );
    expect(named.length).toBeGreaterThan(20);
    expect(named.filter((path) => !existsSync(join(root, path)))).toEqual([]);
  });
});
