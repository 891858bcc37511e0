import { z } from "zod";
import { scopeOf } from "@/lib/core/access/scopes";
import manifest from "@/package.json" with { type: "json" };
import type { Dialect, Method, Operation, SecurityScheme } from "./dialect";

// A dialect's description in OpenAPI 3.1, made of what checks its requests: it cannot say anything else than they do.

type Schema = z.core.JSONSchema.BaseSchema;
type Content = { "application/json": { schema: Schema } };
type DescribedAnswer = { description: string; headers?: typeof RETRY_AFTER; content?: Content };
/** A Parameter Object (section 4.8.12). */
type Parameter = {
  name: string;
  in: "path" | "query";
  required: boolean;
  description?: string;
  schema: { type: "string" };
};
type Security = Record<string, string[]>[];

/** An Operation Object, as far as we use it. */
export type DescribedOperation = {
  operationId: string;
  summary: string;
  description?: string;
  parameters?: Parameter[];
  security: Security;
  requestBody?: { required: boolean; content: Content };
  responses: Record<string, DescribedAnswer>;
};

/** An OpenAPI 3.1 document, as far as we use it. */
export type OpenApiDocument = {
  openapi: "3.1.0";
  info: { title: string; version: string; description: string };
  servers: { url: string }[];
  paths: Record<string, Partial<Record<Lowercase<Method>, DescribedOperation>>>;
  components: { schemas: { Failure: Schema }; securitySchemes: Record<string, SecurityScheme> };
};

/** What every operation may answer besides what it says itself. */
function everywhere({ checkOrigin }: Dialect, { method }: Operation): Operation["answers"] {
  const always = { 500: { means: "A fault of ours" }, 503: { means: "Not available just now" } };
  if (method === "GET") return always;
  return {
    400: { means: "A body that is not JSON, or not as described" },
    ...(checkOrigin ? { 403: { means: "Another site made a browser send this" } } : {}),
    413: { means: "A body of more than 64 KiB" },
    415: { means: "A body that does not say it is JSON" },
    ...always,
  };
}

/** Describes a dialect in OpenAPI 3.1, by the very schemas that check its requests. */
export function openApiOf(dialect: Dialect): OpenApiDocument {
  const paths: OpenApiDocument["paths"] = {};
  for (const operation of dialect.operations) {
    const path = dialect.slash ? `${operation.path}/` : operation.path;
    const method = methodOf(operation);
    paths[path] = { ...paths[path], [method]: describeOperation(dialect, operation) };
  }
  const schemes = dialect.proof.map(({ name, scheme }) => [name, scheme] as const);
  return {
    openapi: "3.1.0",
    // The version of this description, which changes with our own; `original` says what it follows.
    info: { title: dialect.title, version: manifest.version, description: `Follows ${dialect.original}.` },
    servers: [{ url: "/" }],
    paths,
    components: {
      schemas: { Failure: schemaOf(dialect.failure, "output") },
      securitySchemes: Object.fromEntries(schemes),
    },
  };
}

/** "post" for POST: as a Path Item Object names it. */
export function methodOf({ method }: { method: Method }): Lowercase<Method> {
  // What String's own type does not say.
  return method.toLowerCase() as Lowercase<Method>;
}

/** Makes what answers a request for the description of a dialect. */
export function answerOpenApi(dialect: Dialect): (request: Request) => Response {
  let text: string | null = null;
  return () => {
    // It never changes while the process lives, and anybody may ask for it.
    text ??= JSON.stringify(openApiOf(dialect));
    return new Response(text, { headers: { "Content-Type": "application/json" } });
  };
}

function describeOperation(dialect: Dialect, operation: Operation): DescribedOperation {
  const { summary, body } = operation;
  const general = everywhere(dialect, operation);
  const answers = Object.entries({ ...general, ...operation.answers });
  return {
    operationId: idOf(operation),
    summary,
    ...descriptionOf(operation),
    ...parametersOf(operation),
    security: securityOf(dialect, operation),
    ...(body === null ? {} : { requestBody: requestBodyOf(body) }),
    responses: Object.fromEntries(
      answers.map(([status, { means, body: answered }]) => [
        status,
        {
          description: joined(means, general[Number(status)]?.means),
          ...(status === "429" || status === "503" ? { headers: RETRY_AFTER } : {}),
          ...contentOf(Number(status), answered),
        },
      ]),
    ),
  };
}

/**
 * The scopes of which an API token needs one for an operation: of one's own account, then of others', where that is another.
 * None: no API token is taken.
 */
export function scopesOf({ needs, access, accessWithin }: Operation): readonly string[] {
  if (needs !== "acting") return [];
  const asked = [accessWithin?.own ?? access, accessWithin?.others];
  return asked.flatMap((each) => (each === undefined ? [] : [scopeOf(each)]));
}

function descriptionOf(operation: Operation): { description?: string } {
  const scopes = scopesOf(operation);
  return scopes.length === 0 ? {} : { description: `Scope: ${scopes.join("; for others' accounts ")}` };
}

function parametersOf({ path, query = {} }: Operation): { parameters?: Parameter[] } {
  const schema = { type: "string" as const };
  const parts = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => name);
  const parameters = [
    ...parts.map((name) => ({ name, in: "path" as const, required: true, schema })),
    ...Object.entries(query).map(([name, description]) => ({
      name,
      in: "query" as const,
      required: false,
      description,
      schema,
    })),
  ];
  return parameters.length > 0 ? { parameters } : {};
}

/** RFC 9110, section 10.2.3. */
const RETRY_AFTER = {
  "Retry-After": { description: "For how many seconds to wait", schema: { type: "integer" as const } },
};

/** What a status means here, and what it means anywhere. */
function joined(here: string, anywhere: string | undefined): string {
  return anywhere === undefined || anywhere === here ? here : `${here}; or: ${anywhere}`;
}

/** "postAuthLogin" for POST /api/auth/login: unique, as a method and an address are. */
function idOf({ method, path }: Operation): string {
  const words = path.replace(/^\/api\//, "").split(/[^a-z0-9]+/i);
  return method.toLowerCase() + words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join("");
}

/** Each entry is one way in, and any of them will do (section 4.8.30); an empty one: none is needed. */
function securityOf({ proof }: Dialect, { needs }: Operation): Security {
  if (needs === "nothing") return [];
  const wanted = needs === "optional" || needs === "acting" ? "session" : needs;
  const ways = proof
    .filter(({ gives }) => wanted === "either" || gives.includes(wanted))
    .map(({ name }) => ({ [name]: [] }));
  return needs === "optional" ? [{}, ...ways] : ways;
}

function requestBodyOf(body: z.ZodType): { required: boolean; content: Content } {
  // No body at all counts as `{}` (body.ts).
  return { required: !body.safeParse({}).success, content: jsonOf(schemaOf(body, "input")) };
}

function contentOf(status: number, body: z.ZodType | undefined): { content?: Content } {
  if (status >= 400) return { content: jsonOf({ $ref: "#/components/schemas/Failure" }) };
  return body === undefined ? {} : { content: jsonOf(schemaOf(body, "output")) };
}

function jsonOf(schema: Schema): Content {
  return { "application/json": { schema } };
}

/** The schema without the name of its language, which OpenAPI 3.1 takes for granted. */
function schemaOf(schema: z.ZodType, io: "input" | "output"): Schema {
  const { $schema, ...rest } = z.toJSONSchema(schema, {
    io,
    override: ({ jsonSchema }) => {
      // A word of zod's that no other validator knows; the pattern beside it says the same.
      if (jsonSchema.format === "starts_with") delete jsonSchema.format;
    },
  });
  return rest;
}
