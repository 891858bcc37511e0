import type { z } from "zod";
import { ASKERS, type Case } from "./cases";
import { curlOf, exampleOf, grpcurlOf } from "./curl";
import { type Dialect, endpointOf, type Operation } from "./dialect";
import { type DescribedOperation, methodOf, openApiOf } from "./openapi";
import type { tables } from "./tables";

// A dialect's reference for people: what its OpenAPI document says, with a command for each operation and what it is answered,
// both from the table that the tests run.

type Schema = z.core.JSONSchema.BaseSchema;

/** `need` says whether it may be left out; "one of these": one of the fields that say so is needed. */
export type ReferenceField = {
  name: string;
  type: string;
  need: "required" | "optional" | "one of these";
  means: string | null;
};
export type ReferenceAnswer = { status: number; means: string };
export type ReferenceOperation = {
  id: string;
  endpoint: string;
  summary: string;
  /** What else is to be known before one asks. */
  description: string | null;
  /** The names of the proofs of which one is needed; none: anybody may ask. */
  proofs: readonly string[];
  isProofOptional: boolean;
  curl: string;
  /** What can be asked for behind the question mark. */
  query: readonly { name: string; means: string }[];
  /** `type`: what it can be where that is not an object alone. Null: no body. */
  body: { type: string | null; isRequired: boolean; fields: readonly ReferenceField[] } | null;
  answers: readonly ReferenceAnswer[];
  /** Every kind of success, the command's own first. The body is JSON text; null: nothing. */
  examples: readonly { status: number; who: string; body: string | null }[];
};
export type Reference = {
  name: string;
  title: string;
  original: string;
  curlNote: string;
  proofs: readonly { name: string; how: string }[];
  grpc: { service: string; methods: readonly string[]; proto: string; command: string; note: string } | null;
  operations: readonly ReferenceOperation[];
};

const made = new Map<string, Reference>();

/**
 * A dialect's reference, made once: it never changes while the process lives, and anybody may ask for it.
 * @param origin where the service is, as "https://login.example.org"
 */
export function referenceOf(table: (typeof tables)[number], origin: string): Reference {
  const key = `${table.dialect.name} ${origin}`;
  const reference = made.get(key) ?? makeReference(table, origin);
  made.set(key, reference);
  return reference;
}

function makeReference({ dialect, cases }: (typeof tables)[number], origin: string): Reference {
  const { paths } = openApiOf(dialect);
  return {
    name: dialect.name,
    title: dialect.title,
    original: dialect.original,
    curlNote: dialect.curlNote,
    proofs: dialect.proof.map(({ name, scheme }) => ({ name, how: howOf(scheme) })),
    grpc: dialect.grpc ? grpcOf(dialect, dialect.grpc, origin) : null,
    operations: dialect.operations.map((operation) => {
      const endpoint = endpointOf(dialect, operation);
      const item = paths[endpoint.split(" ")[1] ?? ""];
      const described = item?.[methodOf(operation)];
      const successes = cases[endpoint]?.filter(({ status }) => status < 400) ?? [];
      // The tests hold both to be there for each operation.
      if (!described || successes.length === 0) throw new Error(`${endpoint} is not described`);
      return referenceOfOperation(dialect, operation, described, successes, origin);
    }),
  };
}

function grpcOf(dialect: Dialect, grpc: NonNullable<Dialect["grpc"]>, origin: string): Reference["grpc"] {
  const { service, proto, note } = grpc;
  const methods = service.methods.map(({ name }) => name);
  return { service: service.typeName, methods, proto, note, command: grpcurlOf(dialect, grpc, origin) };
}

function referenceOfOperation(
  dialect: Dialect,
  operation: Operation,
  described: DescribedOperation,
  successes: readonly Case[],
  origin: string,
): ReferenceOperation {
  const proofs = described.security.flatMap((way) => Object.keys(way));
  return {
    id: described.operationId,
    endpoint: endpointOf(dialect, operation),
    summary: described.summary,
    description: described.description ?? null,
    proofs,
    isProofOptional: proofs.length < described.security.length,
    curl: curlOf(dialect, operation, successes[0] ?? {}, origin),
    query: Object.entries(operation.query ?? {}).map(([name, means]) => ({ name, means })),
    body: described.requestBody ? bodyOf(described.requestBody) : null,
    answers: Object.entries(described.responses).map(([code, { description }]) => ({
      status: Number(code),
      means: description,
    })),
    examples: kindsOf(successes).map(({ status, who, answers }) => ({
      status,
      who: ASKERS[who],
      body: answers === undefined ? null : exampleOf(answers, 2),
    })),
  };
}

/** The first of each kind: answers that have other fields than those before. */
function kindsOf(successes: readonly Case[]): Case[] {
  const kind = ({ status, answers }: Case) => `${status} ${Object.keys(Object(answers)).join()}`;
  return successes.filter((one, at) => successes.findIndex((other) => kind(other) === kind(one)) === at);
}

function howOf(scheme: Dialect["proof"][number]["scheme"]): string {
  const { description = "" } = scheme;
  const where = scheme.type === "http" ? "Authorization: Bearer" : `${scheme.in} ${scheme.name}`;
  return description === "" ? where : `${where}. ${description}`;
}

function bodyOf({
  required,
  content,
}: NonNullable<DescribedOperation["requestBody"]>): ReferenceOperation["body"] {
  const { schema } = content["application/json"];
  const isObject = schema.type === "object";
  const object = isObject ? schema : (schema.anyOf?.find(({ type }) => type === "object") ?? {});
  return { type: isObject ? null : typeOf(schema), isRequired: required, fields: fieldsOf(object) };
}

function fieldsOf(schema: Schema): ReferenceField[] {
  const required = new Set(schema.required);
  const alternatives = new Set(schema.anyOf?.flatMap((one) => one.required ?? []));
  return Object.entries(schema.properties ?? {}).map(([name, field]) => {
    const isRequired = required.has(name) && !(typeof field === "object" && "default" in field);
    const type = typeof field === "boolean" ? "anything" : typeOf(field);
    return {
      name,
      type,
      need: alternatives.has(name) ? "one of these" : isRequired ? "required" : "optional",
      means: (typeof field === "object" && field.description) || null,
    };
  });
}

/** "text", "true or false", "“totp” or “otp”": what a field takes. */
function typeOf(schema: Schema): string {
  if (schema.anyOf) return [...new Set(schema.anyOf.map(typeOf))].join(" or ");
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(" or ");
  if (schema.type === "boolean") return "true or false";
  if (schema.type === "integer") return "whole number";
  return schema.type === "string" ? "text" : String(schema.type);
}
