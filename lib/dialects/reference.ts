import type { z } from "zod";
import type { Case } from "./cases";
import { curlOf, exampleOf } from "./curl";
import { type Dialect, endpointOf, type Operation } from "./dialect";
import { type DescribedOperation, openApiOf } from "./openapi";
import type { tables } from "./tables";

// A dialect's reference for people: what its OpenAPI document says, with a command for each operation and what it is answered,
// both from the table that the tests run.

type Schema = z.core.JSONSchema.BaseSchema;

export type ReferenceField = { name: string; type: string; isRequired: boolean };
export type ReferenceAnswer = { status: number; means: string };
export type ReferenceOperation = {
  id: string;
  endpoint: string;
  summary: string;
  /** The names of the proofs of which one is needed; none: anybody may ask. */
  proofs: readonly string[];
  isProofOptional: boolean;
  curl: string;
  fields: readonly ReferenceField[];
  answers: readonly ReferenceAnswer[];
  /** What the command is answered with, as JSON text; null: nothing. */
  example: { status: number; body: string | null };
};
export type Reference = {
  name: string;
  title: string;
  original: string;
  proofs: readonly { name: string; how: string }[];
  operations: readonly ReferenceOperation[];
};

/**
 * A dialect's reference.
 * @param origin where the service is, as "https://login.example.org"
 */
export function referenceOf({ dialect, cases }: (typeof tables)[number], origin: string): Reference {
  const { paths } = openApiOf(dialect);
  return {
    name: dialect.name,
    title: dialect.title,
    original: dialect.original,
    proofs: dialect.proof.map(({ name, scheme }) => ({ name, how: howOf(scheme) })),
    operations: dialect.operations.map((operation) => {
      const endpoint = endpointOf(dialect, operation);
      const item = paths[endpoint.split(" ")[1] ?? ""];
      const described = operation.method === "GET" ? item?.get : item?.post;
      const good = cases[endpoint]?.find(({ status }) => status < 400);
      // The tests hold both to be there for each operation.
      if (!described || !good) throw new Error(`${endpoint} is not described`);
      return referenceOfOperation(dialect, operation, described, good, origin);
    }),
  };
}

function referenceOfOperation(
  dialect: Dialect,
  operation: Operation,
  described: DescribedOperation,
  good: Case,
  origin: string,
): ReferenceOperation {
  const proofs = described.security.flatMap((way) => Object.keys(way));
  const { status, answers } = good;
  return {
    id: described.operationId,
    endpoint: endpointOf(dialect, operation),
    summary: described.summary,
    proofs,
    isProofOptional: proofs.length < described.security.length,
    curl: curlOf(dialect, operation, good.sends, origin),
    fields: fieldsOf(described.requestBody?.content["application/json"].schema),
    answers: Object.entries(described.responses).map(([code, { description }]) => ({
      status: Number(code),
      means: description,
    })),
    example: { status, body: answers === undefined ? null : exampleOf(answers, 2) },
  };
}

function howOf(scheme: Dialect["proof"][number]["scheme"]): string {
  const { description = "" } = scheme;
  const where = scheme.type === "http" ? "Authorization: Bearer" : `${scheme.in} ${scheme.name}`;
  return description === "" ? where : `${where}. ${description}`;
}

function fieldsOf(schema: Schema | undefined): ReferenceField[] {
  const required = new Set(schema?.required ?? []);
  return Object.entries(schema?.properties ?? {}).map(([name, field]) => ({
    name,
    type: typeof field === "boolean" ? "anything" : typeOf(field),
    isRequired: required.has(name) && !(typeof field === "object" && "default" in field),
  }));
}

/** "text", "true or false", "“totp” or “otp”": what a field takes. */
function typeOf(schema: Schema): string {
  if (schema.anyOf) return [...new Set(schema.anyOf.map(typeOf))].join(" or ");
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(" or ");
  if (schema.type === "boolean") return "true or false";
  return schema.type === "string" ? "text" : String(schema.type);
}
