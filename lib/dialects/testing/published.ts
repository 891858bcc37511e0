import { readFileSync } from "node:fs";
import Ajv from "ajv";
import { expect } from "vitest";

/** What is at a place within JSON, or undefined. */
function at(value: unknown, ...path: string[]): unknown {
  return path.reduce<unknown>((inner, name) => Object(inner)[name], value);
}

// As published, but for one word: no honest body can match one branch of its `oneOf` alone, as none of them asks for anything.
const published: unknown = JSON.parse(
  readFileSync(new URL("../omnitron/omnitron.openapi.json", import.meta.url), "utf8").replaceAll(
    '"oneOf"',
    '"anyOf"',
  ),
);
const ajv = new Ajv({ strict: false });
ajv.addSchema({ ...Object(published), $id: "omnitron" });

/**
 * Holds an answer of an operation that Omnitron published a description of against that description.
 * @param path with or without the slash at its end
 * @param body undefined: an empty one
 */
export function expectPublished(path: string, status: number, body: unknown): void {
  const answers = at(published, "paths", `${path.replace(/\/$/, "")}/`, "post", "responses");
  if (answers === undefined) return;
  const direct = at(answers, String(status));
  if (direct === undefined) {
    // No success that is not described; what is wrong with any request at all is said in the form of any refusal.
    expect([404, 405, 413, 415, 429]).toContain(status);
    expect(body).toEqual({
      detail: expect.any(String),
      ...(at(body, "code") ? { code: expect.any(String) } : {}),
    });
    return;
  }
  const ref = at(direct, "$ref");
  const answer = typeof ref === "string" ? at(published, ...ref.replace("#/", "").split("/")) : direct;
  const schema = at(answer, "content", "application/json", "schema");
  // Without a schema, success is an empty answer; a refusal (403) may say why.
  if (schema === undefined) {
    if (status < 400) expect(body).toBeUndefined();
    return;
  }
  // Compiled within the document, where its references lead.
  const validate = ajv.compile({ $ref: `omnitron#${pointerTo(path, status, ref)}` });
  expect(validate(body), JSON.stringify([body, validate.errors])).toBe(true);
}

function pointerTo(path: string, status: number, ref: unknown): string {
  const address = `${path.replace(/\/$/, "")}/`.replaceAll("/", "~1");
  const answer = typeof ref === "string" ? ref.slice(1) : `/paths/${address}/post/responses/${status}`;
  return `${answer}/content/application~1json/schema`;
}
