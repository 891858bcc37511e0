import { Validator } from "@seriousme/openapi-schema-validator";
import Ajv2020 from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { describe, expect, it } from "vitest";
import { GET as getAthena } from "@/app/(web)/api/docs/athena.json/route";
import { GET as getAuthentik } from "@/app/(web)/api/docs/authentik.json/route";
import { GET as getOmnitron } from "@/app/(web)/api/docs/omnitron.json/route";
import { GET as getThogits } from "@/app/(web)/api/docs/thogits.json/route";
import { GET as getZitadel } from "@/app/(web)/api/docs/zitadel.json/route";
import { SCOPES } from "@/lib/core/access/scopes";
import { athena } from "./athena";
import { authentik } from "./authentik";
import { omnitron } from "./omnitron";
import published from "./omnitron/omnitron.openapi.json" with { type: "json" };
import { openApiOf, scopesOf } from "./openapi";
import { thogits } from "./thogits";
import { zitadel } from "./zitadel";

/** Every field that any body has, each with a value that it may have. */
const WHOLE: Record<string, unknown> = {
  backupCode: "abcde-fghij",
  callbackURL: "/somewhere",
  checks: { user: { loginName: "ada" }, password: { password: "correct horse" }, totp: { code: "123456" } },
  code: "123456",
  currentPassword: "correct horse",
  disableSession: false,
  display_name: "Ada",
  email: "ada@example.org",
  image: "https://example.org/ada.png",
  issuer: "Example",
  method: "otp",
  name: "Ada",
  newPassword: "battery staple",
  password: "correct horse",
  rememberMe: true,
  revokeOtherSessions: "true",
  sessionToken: "abc",
  temp_token: "abc",
  token: "abc",
  trustDevice: "false",
  user: 7,
  username: "ada@example.org",
};

/** What a field is given in turn. JSON has no undefined: a field without a value is left out. */
const VALUES = [
  undefined,
  null,
  true,
  false,
  0,
  1,
  "",
  "text",
  "true",
  "false",
  "TRUE",
  "totp",
  "otp",
  "line\nbreak",
  "nul\0",
  "\ud83d",
  "\u{1f511}",
  "\u{1f511}".repeat(2048),
  "\u{1f511}".repeat(2049),
  "x".repeat(2048),
  "x".repeat(2049),
  [],
  ["text"],
  {},
];

function bodiesWith(fields: string[]): unknown[] {
  const changed = fields.flatMap((field) => VALUES.map((value) => ({ ...WHOLE, [field]: value })));
  const alone = fields.map((field) => ({ [field]: WHOLE[field] }));
  const known = Object.fromEntries(fields.map((field) => [field, WHOLE[field]]));
  const others = [{}, [], [known], null, true, 1, "", "text", known, { ...known, unknown: 1 }];
  // As they are sent: without what has no value.
  return [WHOLE, ...changed, ...alone, ...others].map((body) => JSON.parse(JSON.stringify(body)));
}

const ajv = new Ajv2020({ strict: true, allErrors: true });
addFormats(ajv);

const METHODS = ["get", "post", "put", "patch", "delete"] as const;

describe.each([
  { dialect: thogits, get: getThogits },
  { dialect: omnitron, get: getOmnitron },
  { dialect: athena, get: getAthena },
  { dialect: authentik, get: getAuthentik },
  { dialect: zitadel, get: getZitadel },
])("the OpenAPI document of $dialect.title", ({ dialect, get }) => {
  const document = openApiOf(dialect);
  const described = Object.entries(document.paths).flatMap(([path, item]) =>
    METHODS.flatMap((method) => {
      const found = item[method];
      return found ? [{ name: `${method.toUpperCase()} ${path}`, ...found }] : [];
    }),
  );
  const named = (each: { method: string; path: string }) =>
    `${each.method} ${each.path}${dialect.slash ? "/" : ""}`;
  const describedOf = (operation: { method: string; path: string }) =>
    described.find(({ name }) => name === named(operation));

  it("is OpenAPI 3.1", async () => {
    const validator = new Validator();
    // A copy, as the validator resolves references in place.
    expect(await validator.validate(structuredClone(document))).toEqual({ valid: true });
    expect(validator.version).toBe("3.1");
  });

  it("names every operation and nothing else", () => {
    expect(described.map(({ name }) => name).sort()).toEqual(dialect.operations.map(named).sort());
    expect(Object.values(document.paths).flatMap(Object.keys)).toHaveLength(dialect.operations.length);
    for (const path of Object.keys(document.paths)) expect(dialect.find(path), path).not.toBeNull();
  });

  it("gives every operation an id of its own and a summary", () => {
    const ids = described.map(({ operationId }) => operationId);
    expect(new Set(ids).size).toBe(ids.length);
    for (const id of ids) expect(id).toMatch(/^(?:get|post|put|patch|delete)[A-Za-z0-9]+$/);
    for (const { summary, name } of described) expect(summary, name).not.toBe("");
  });

  it("says by which proofs an operation may be asked for", () => {
    const schemes = Object.keys(document.components.securitySchemes);
    for (const operation of dialect.operations) {
      const security = describedOf(operation)?.security ?? [];
      expect(schemes, operation.path).toEqual(expect.arrayContaining(security.flatMap(Object.keys)));
      const isOptional = security.length === 0 || security.some((way) => Object.keys(way).length === 0);
      expect(isOptional, operation.path).toBe(["nothing", "optional"].includes(operation.needs));
    }
  });

  it("names the scopes of every operation that takes API tokens, and of no other", () => {
    for (const operation of dialect.operations) {
      const scopes = scopesOf(operation);
      expect(scopes.length > 0, named(operation)).toBe(operation.needs === "acting");
      expect(SCOPES, named(operation)).toEqual(expect.arrayContaining([...scopes]));
      for (const scope of scopes) expect(describedOf(operation)?.description).toContain(scope);
    }
  });

  it("gives every error the dialect's form, and each operation those of a fault and of no service", () => {
    const failure = { "application/json": { schema: { $ref: "#/components/schemas/Failure" } } };
    for (const { name, responses } of described) {
      expect(Object.keys(responses), name).toEqual(expect.arrayContaining(["500", "503"]));
      for (const [status, { content }] of Object.entries(responses))
        if (Number(status) >= 400) expect(content, `${name}: ${status}`).toEqual(failure);
    }
  });

  it("has a schema of every answer that ajv can use", () => {
    for (const { name, responses } of described)
      for (const [status, { content }] of Object.entries(responses))
        if (content && Number(status) < 400)
          expect(() => ajv.compile(content["application/json"].schema), `${name}: ${status}`).not.toThrow();
    expect(() => ajv.compile(document.components.schemas.Failure)).not.toThrow();
  });

  it.each(dialect.operations)("has the body that $method $path takes", (operation) => {
    const { body } = operation;
    const requestBody = describedOf(operation)?.requestBody;
    if (body === null) return expect(requestBody).toBeUndefined();
    const schema = requestBody?.content["application/json"].schema ?? false;
    const isValid = ajv.compile(schema);
    const fields = Object.keys(Object(schema).properties ?? {});
    expect(Object.keys(WHOLE)).toEqual(expect.arrayContaining(fields));
    const bodies = bodiesWith(fields);
    const taken = bodies.filter((each) => body.safeParse(each).success);
    expect(bodies.filter((each) => isValid(each))).toEqual(taken);
    // The samples are of both kinds.
    expect(taken).toContainEqual(JSON.parse(JSON.stringify(WHOLE)));
    expect(taken.length).toBeLessThan(bodies.length);
    expect(requestBody?.required).toBe(!body.safeParse({}).success);
  });

  it("is answered as JSON, as often as it is asked for", async () => {
    const request = new Request(`http://localhost/api/docs/${dialect.name}.json`);
    for (const response of [get(request), get(request)]) {
      expect(response.status).toBe(200);
      expect(response.headers.get("content-type")).toBe("application/json");
      expect(await response.json()).toEqual(document);
    }
  });
});

it("describes all that Omnitron itself published", () => {
  const ours = openApiOf(omnitron).paths;
  for (const [path, item] of Object.entries(published.paths))
    expect(Object.keys(ours[path] ?? {}), path).toEqual(Object.keys(item));
});

it("lets a partial session of Thogits prove itself by its own cookie alone", () => {
  const { paths, components } = openApiOf(thogits);
  expect(paths["/api/auth/2fa/totp/verify"]?.post?.security).toEqual([{ partialSession: [] }]);
  expect(components.securitySchemes.partialSession).toMatchObject({
    in: "cookie",
    name: "thogits.challenge",
  });
  expect(components.securitySchemes.session).toMatchObject({ in: "cookie", name: "thogits.session" });
});
