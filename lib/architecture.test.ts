import ts from "typescript";
import { describe, expect, it } from "vitest";
import { readSourceFiles, type SourceFile, visit } from "./testing/source-files";

/**
 * What each part may import of ours; a part may always import itself. Arrows point one way, so no part stands in the
 * list of one that it imports. A part that is not named here fails the test: decide where it belongs.
 */
const MAY_IMPORT: Record<string, string[]> = {
  "lib/crypto": [],
  "lib/env": [],
  "lib/log": [],
  "lib/db": ["lib/env"],
  "lib/core": ["lib/crypto", "lib/db", "lib/env"],
  "lib/mail": ["lib/core", "lib/crypto", "lib/db", "lib/env", "lib/log"],
  "lib/server": ["lib/core", "lib/crypto", "lib/db", "lib/env", "lib/log", "lib/mail"],
  "lib/http": ["lib/core", "lib/crypto", "lib/env"],
  "lib/dialects": ["lib/core", "lib/env", "lib/http", "lib/log"],
  "lib/web": ["lib/core", "lib/crypto", "lib/env", "lib/http"],
  "lib/direct": ["lib/dialects", "lib/web"],
  components: ["lib/core", "lib/dialects", "lib/web"],
  app: ["components", "lib/core", "lib/dialects", "lib/env", "lib/http", "lib/web"],
  proxy: ["lib/env", "lib/http", "lib/web"],
  bin: ["lib/core", "lib/crypto", "lib/db", "lib/env", "lib/log", "lib/mail", "lib/server"],
};

/** What single files may import besides, each for a reason. */
const ALSO: Record<string, { may: string[]; because: string }> = {
  "lib/http/context.ts": {
    may: ["lib/db/client", "lib/db/connection", "lib/server/keys-file"],
    because: "it makes the core's Context, which holds the pool and the keys",
  },
  "lib/http/availability.ts": {
    may: ["lib/db/unavailable"],
    because: "it tells a database that is away from a fault of ours",
  },
  "lib/dialects/openapi.ts": {
    may: ["package.json"],
    because: "a description of an API has a version, which is the product's",
  },
  "lib/dialects/zitadel/grpc-web.ts": {
    may: ["lib/server/grpc/status"],
    because: "gRPC spells a status in one way, whatever carries it",
  },
  "bin/commands/backup.ts": {
    may: ["package.json"],
    because: "a backup says which version made it",
  },
  "bin/commands/serve.ts": {
    may: ["lib/direct"],
    because: "the server in front of Next answers by itself what everybody waits for",
  },
  "proxy.ts": {
    may: ["lib/server/content-policy"],
    because: "the policy of pages is set by the gate and, for forms, which skip it, by the server",
  },
  "lib/web/cron.ts": {
    may: ["lib/log", "lib/mail/deliver", "lib/server/upkeep"],
    because: "where no server of ours runs, somebody has to ask for what it does by itself",
  },
  "lib/web/plain-form.ts": {
    may: ["lib/server/answer-store"],
    because: "what a form came to is left there for its page",
  },
  "lib/web/answer.ts": {
    may: ["lib/server/answer-store"],
    because: "statuses and cookies of pages go out through the server around Next",
  },
};

/** Packages that belong to HTTP and pages: the core and what lies under it do not know them. */
const WEB_PACKAGES = /^(?:next|next-auth|react|react-dom)(?:\/|$)|^node:https?$/;
const WEB_NAMES = new Set(["Request", "Response", "Headers", "NextRequest", "NextResponse", "FormData"]);

/** Files that may read or set the environment besides lib/env.ts, each for a reason. */
const ENVIRONMENT: Record<string, string> = {
  "lib/env.ts": "the one reader",
  "lib/web/auth.ts": "next-auth knows its own address from NEXTAUTH_URL alone, so it is set there",
  "bin/commands/serve.ts": "sets what next-auth and Next read",
};

const files = readSourceFiles("lib", "app", "components", "bin", "proxy.ts");
const product = files.filter(({ isTest }) => !isTest);

/** "lib/core" for "lib/core/users" and for "lib/core/users.ts", "proxy" for "proxy.ts". */
function partOf(path: string): string {
  const [first = "", second = ""] = path.replace(/\.tsx?$/, "").split("/");
  return first === "lib" ? `lib/${second}` : first;
}

/** Every import that breaks a rule, in words; the rules hold when there is none. */
function breaches(
  of: SourceFile[],
  isBreach: (file: SourceFile, target: SourceFile["imports"][0]) => boolean,
) {
  return of.flatMap((file) =>
    file.imports.filter((each) => isBreach(file, each)).map(({ target }) => `${file.path} imports ${target}`),
  );
}

/** The paths of files in which a node is found that must not be there. */
function filesWith(of: SourceFile[], isFound: (node: ts.Node) => boolean): string[] {
  return of
    .filter(({ tree }) => {
      let found = false;
      visit(tree, (node) => {
        found ||= isFound(node);
      });
      return found;
    })
    .map(({ path }) => path);
}

describe("the architecture", () => {
  it("sees the code", () => {
    expect(product.length).toBeGreaterThan(50);
  });

  it("has arrows that point one way", () => {
    const wrong = breaches(product, ({ path }, { target, isOurs }) => {
      const from = partOf(path);
      const to = partOf(target);
      if (!isOurs || from === to || target === "package") return false;
      return !(MAY_IMPORT[from]?.includes(to) || ALSO[path]?.may.includes(target));
    });
    expect(wrong).toEqual([]);
  });

  it("has no exception that nothing needs any more", () => {
    const unused = Object.entries(ALSO).flatMap(([path, { may }]) => {
      const imports = files.find((file) => file.path === path)?.imports ?? [];
      return may
        .filter((target) => !imports.some((each) => each.target === target))
        .map((t) => `${path}: ${t}`);
    });
    expect(unused).toEqual([]);
  });

  it("keeps HTTP, pages and their libraries out of the core and what lies under it", () => {
    const inner = product.filter(({ path }) => /^lib\/(?:core|crypto|db)\//.test(path));
    expect(breaches(inner, (_, { target }) => WEB_PACKAGES.test(target))).toEqual([]);
    const core = inner.filter(({ path }) => !path.startsWith("lib/db/"));
    expect(filesWith(core, (node) => ts.isIdentifier(node) && WEB_NAMES.has(node.text))).toEqual([]);
  });

  it("lets each dialect know only itself and what all dialects share", () => {
    const dialectOf = (path: string) => /^lib\/dialects\/([^/]+)\//.exec(path)?.[1];
    const wrong = breaches(product, ({ path }, { target }) => {
      const [from, to] = [dialectOf(path), dialectOf(target)];
      return from !== undefined && to !== undefined && from !== to;
    });
    expect(wrong).toEqual([]);
  });

  it("gives components data and actions, not use cases", () => {
    const components = product.filter(({ path }) => path.startsWith("components/"));
    const wrong = breaches(
      components,
      (_, { target, isTypeOnly }) =>
        ["lib/core", "lib/dialects"].includes(partOf(target)) && !isTypeOnly && target !== "lib/core/limits",
    );
    expect(wrong).toEqual([]);
  });

  it("has routes that are an import and an export", () => {
    const routes = product.filter(({ path }) => /^app\/.*\/route\.ts$/.test(path));
    const isExport = (node: ts.Statement) =>
      ts.isImportDeclaration(node) ||
      ts.isExportDeclaration(node) ||
      (ts.isVariableStatement(node) &&
        node.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) === true);
    const wrong = routes.filter(({ tree }) => tree.statements.length > 3 || !tree.statements.every(isExport));
    expect(wrong.map(({ path }) => path)).toEqual([]);
  });

  it("reads the environment in lib/env.ts alone", () => {
    const readers = filesWith(product, (node) =>
      /^process\s*\.\s*env$|^process\s*\[\s*"env"/.test(node.getText()),
    );
    expect(readers.filter((path) => !(path in ENVIRONMENT))).toEqual([]);
  });

  it("uses nothing of its tests", () => {
    const own = breaches(product, (_, { target }) => /\.test$|(?:^|\/)testing\/|^e2e\//.test(target));
    expect(own).toEqual([]);
  });

  it("has every test where the runners look", () => {
    const everywhere = readSourceFiles("lib", "app", "components", "bin", "script", "prisma");
    const lost = everywhere.filter(
      ({ path }) => /\.(?:test|spec)\.tsx?$/.test(path) && !/^(?:lib|bin)\/.*\.test\.ts$/.test(path),
    );
    expect(lost.map(({ path }) => path)).toEqual([]);
  });
});
