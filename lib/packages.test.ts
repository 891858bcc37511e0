import { readFileSync } from "node:fs";
import { join } from "node:path";
import { minVersion, satisfies } from "semver";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { findProjectRoot } from "./db/project-root";
import { OLDEST_POSTGRESQL } from "./db/version";

const root = findProjectRoot();
const read = (path: string) => readFileSync(join(root, path), "utf8");

const entry = z.object({
  dev: z.boolean().optional(),
  devOptional: z.boolean().optional(),
  optional: z.boolean().optional(),
  license: z.string().optional(),
  engines: z.object({ node: z.string().optional() }).optional(),
});
const { packages } = z
  .object({ packages: z.record(z.string(), entry) })
  .parse(JSON.parse(read("package-lock.json")));
const { "": ours, ...all } = packages;

/** What runs in production, of every system that packages are made for. */
const running = Object.entries(all)
  .filter(([, { dev, devOptional }]) => !dev && !devOptional)
  .map(([path, rest]) => ({ name: path.replace(/.*node_modules\//, ""), ...rest }));

const floor = minVersion(ours?.engines?.node ?? "")?.version ?? "";

/** Licences under which we may pass the package on with ours. What is joined with AND must all be here. */
const LICENCES = new Set([
  "0BSD",
  "Apache-2.0",
  "BSD-3-Clause",
  "BlueOak-1.0.0",
  "CC-BY-4.0",
  "ISC",
  "MIT",
  "MIT-0",
  // Of fonts: they may be passed on with software.
  "OFL-1.1",
]);

/** Packages with other licences, each for a reason. */
const ALSO: [name: RegExp, licence: string, because: string][] = [
  [
    /^@img\/sharp-(?:libvips|win32|wasm32|webcontainers|freebsd)/,
    "LGPL-3.0-or-later",
    "an unchanged library of its own, which Next would load to resize images; nothing of ours does",
  ],
];

describe("the packages", () => {
  it("run on the oldest Node that we say we run on, and these tests on one that is not older", () => {
    expect(running.length).toBeGreaterThan(100);
    const unmet = running.filter(({ engines }) => engines?.node && !satisfies(floor, engines.node));
    expect(unmet.map(({ name, engines }) => `${name}: ${engines?.node}`)).toEqual([]);
    expect(satisfies(process.versions.node, ours?.engines?.node ?? "")).toBe(true);
  });

  it("may be passed on", () => {
    const isAllowed = (name: string, licence: string) =>
      LICENCES.has(licence) || ALSO.some(([names, also]) => names.test(name) && licence === also);
    const others = running.filter(({ name, license = "" }) =>
      license
        .replace(/^\(|\)$/g, "")
        .split(" AND ")
        .some((licence) => !isAllowed(name, licence)),
    );
    expect(others.map(({ name, license }) => `${name}: ${license}`)).toEqual([]);
  });
});

describe("the oldest versions", () => {
  it("are the same wherever they are said", () => {
    const short = floor.replace(/\.0$/, "");
    expect(read("README.md")).toContain(`Node ${short} or newer`);
    expect(read("README.md")).toContain(`PostgreSQL server, ${OLDEST_POSTGRESQL} or newer`);
    for (const line of read("script/install").match(/\d+\.\d+ (?:is|or) n\w+/g) ?? [])
      expect(line).toContain(`${short} `);
    expect(read("script/install")).toContain(`${short} or newer is needed`);
    for (const [, image = ""] of read("Dockerfile").matchAll(/^FROM node:(\S+?)-/gm))
      expect(satisfies(`${image}.99.99`, ours?.engines?.node ?? "")).toBe(true);
    const [, server = ""] = /image: postgres:(\d+)/.exec(read("compose.yaml")) ?? [];
    expect(Number(server)).toBeGreaterThanOrEqual(OLDEST_POSTGRESQL);
  });
});
