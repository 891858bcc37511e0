import { z } from "zod";

/** The longest body that is read, in bytes: lib/server/request-check.ts has the same for what is no dialect's. */
export const LONGEST_BODY = 64 * 1024;

/** What of a body cannot be used, before any use case is asked. */
export type BodyProblem =
  | { kind: "too_large" }
  | { kind: "not_json" }
  | { kind: "malformed" }
  /**
   * Not as its schema says; `path` names the first field that is not, "" for the body itself; `got` is what stands there;
   * `issue` is what zod calls it.
   */
  | { kind: "invalid"; path: string; isMissing: boolean; got: JsonType; issue: string; message: string };

/** What a JSON value is; of a field that is not there, "nothing". */
export type JsonType = "nothing" | "null" | "boolean" | "number" | "string" | "list" | "object";

function typeOfJson(value: unknown): JsonType {
  if (value === undefined) return "nothing";
  if (value === null) return "null";
  if (Array.isArray(value)) return "list";
  // JSON has no other types than these.
  return typeof value as "boolean" | "number" | "string" | "object";
}

/** Thrown for a body that cannot be used. */
export class UnusableBody extends Error {
  override readonly name = "UnusableBody";
  readonly problem: BodyProblem;
  constructor(problem: BodyProblem) {
    super(problem.kind);
    this.problem = problem;
  }
}

function refuseBody(problem: BodyProblem): never {
  throw new UnusableBody(problem);
}

/** A text that a database can hold and that means one thing: no NUL, no half of a surrogate pair, of bearable length. */
export const text = () =>
  z
    .string()
    .max(2048)
    .regex(/^[^\0\p{Cs}]*$/u, "must be text");

const JSON_TYPE = /^application\/json\s*(?:;|$)/i;

/** An object, whatever is in it. */
export const anything = z.looseObject({});

/**
 * Reads a JSON body by its schema. No body at all counts as `{}`: clients send none where nothing is asked of them.
 * @param types what the request may say the body is
 * @throws UnusableBody
 */
export async function readBody<T>(request: Request, schema: z.ZodType<T>, types = JSON_TYPE): Promise<T> {
  const bytes = await readBytes(request);
  if (bytes.length > 0 && !types.test(request.headers.get("content-type") ?? ""))
    refuseBody({ kind: "not_json" });
  const value = bytes.length === 0 ? {} : parseJson(bytes);
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const [field] = issue?.path ?? [];
  const path = field === undefined ? "" : String(field);
  // The schema's own failure says the body is an object or not; a field that is not there is one that is missing.
  const isMissing = path !== "" && !(path in Object(value));
  const got = typeOfJson(path === "" ? value : Object(value)[path]);
  const message = issue?.message ?? "is not right";
  return refuseBody({ kind: "invalid", path, isMissing, got, issue: issue?.code ?? "", message });
}

async function readBytes(request: Request): Promise<Buffer> {
  if (Number(request.headers.get("content-length") ?? 0) > LONGEST_BODY) refuseBody({ kind: "too_large" });
  const parts: Uint8Array[] = [];
  let length = 0;
  const reader = request.body?.getReader();
  for (let read = await reader?.read(); read && !read.done; read = await reader?.read()) {
    length += read.value.length;
    if (length > LONGEST_BODY) {
      await reader?.cancel();
      refuseBody({ kind: "too_large" });
    }
    parts.push(read.value);
  }
  return Buffer.concat(parts);
}

function parseJson(bytes: Buffer): unknown {
  try {
    // RFC 8259, section 8.1: UTF-8. Bytes that are none would be lost, and two passwords the same.
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    return refuseBody({ kind: "malformed" });
  }
}
