import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import { findProjectRoot } from "@/lib/db/project-root";
import type { Settings } from "./process";

const service = z.looseObject({
  image: z.string(),
  build: z.string().optional(),
  environment: z.record(z.string(), z.string()),
});

/** What compose.yaml says of its services, anchors and merges resolved. */
export function readCompose() {
  const file = z.looseObject({ services: z.record(z.string(), service) });
  const text = readFileSync(join(findProjectRoot(), "compose.yaml"), "utf8");
  return file.parse(parse(text, { merge: true }));
}

/**
 * The environment that compose gives a service, as its specification has it ("Interpolation").
 * @param given what deploy/compose.env says
 * @throws Error for a variable that must be given and is not
 */
export function composeEnvironment(name: string, given: Settings): Settings {
  const entries = Object.entries(readCompose().services[name]?.environment ?? {});
  const put = (text: string) =>
    text.replace(/\$\{(\w+):([?-])([^}]*)\}/g, (_whole, variable: string, kind: string, rest: string) => {
      const value = given[variable];
      if (value) return value;
      if (kind === "?") throw new Error(`${variable} is not given`);
      return rest;
    });
  return Object.fromEntries(entries.map(([variable, text]) => [variable, put(text)]));
}
