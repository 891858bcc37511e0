import type { Answer } from "./dialect";

// Django REST framework's forms of an error, which the dialects of systems built on it share.

const withCode = (body: object, code: string | undefined) => (code === undefined ? body : { ...body, code });

/** What is wrong with a field. */
export function ofField(field: string, message: string, code?: string): Answer {
  return { status: 400, body: withCode({ [field]: [message] }, code) };
}

/** What is wrong with the input as a whole. */
export function ofInput(message: string, code?: string): Answer {
  return { status: 400, body: withCode({ non_field_errors: [message] }, code) };
}

/** What is wrong with the request. */
export function ofRequest(status: number, detail: string, code?: string): Answer {
  return { status, body: withCode({ detail }, code) };
}
