import { fillAddress } from "./addresses";
import { ANSWERED_EXAMPLES, asNamed, type Case, EXAMPLES, type Json, withNames } from "./cases";
import { type Dialect, endpointOf, type Operation } from "./dialect";

/**
 * The shell command that asks for an operation, with what a document shows in place of what only the asker knows.
 * @param asked what a case sends, and where: no `sends`: no body
 * @param origin where the service is, as "https://login.example.org"
 */
export function curlOf(
  dialect: Dialect,
  operation: Operation,
  { sends, at = {}, query = "" }: Pick<Case, "sends" | "at" | "query">,
  origin: string,
): string {
  const [method, pattern = ""] = endpointOf(dialect, operation).split(" ");
  const parts = Object.entries(at).map(([name, value]) => [name, EXAMPLES[value] ?? value] as const);
  const path = fillAddress(pattern, Object.fromEntries(parts));
  const asked = query.replaceAll(/<[^>]+>/g, (name) => EXAMPLES[name] ?? name);
  // A shell takes question marks and ampersands for more than an address.
  const url = asked === "" ? `${origin}${path}` : quoted(`${origin}${path}?${asked}`);
  const first = `curl ${method === "GET" ? "" : `-X ${method} `}${url}`;
  const body =
    sends === undefined ? [] : ['-H "Content-Type: application/json"', `-d ${quoted(exampleOf(sends))}`];
  return [first, ...dialect.curl(operation), ...body].join(" \\\n  ");
}

/**
 * The shell command that calls a dialect's service over native gRPC, whose port is the operator's to choose.
 * @param origin where the service is, as "https://login.example.org"
 */
export function grpcurlOf(
  dialect: Dialect,
  { service, example: { method, sends } }: NonNullable<Dialect["grpc"]>,
  origin: string,
): string {
  const { hostname } = new URL(origin);
  // It takes headers and what is sent as curl does.
  const options = [...dialect.curl({ needs: "acting" }), `-d ${quoted(exampleOf(sends))}`];
  const call = `${hostname}:$GRPC_PORT ${service.typeName}/${method.name}`;
  return ["grpcurl -plaintext", ...options, call].join(" \\\n  ");
}

/**
 * JSON as a document shows it, with examples in place of names.
 * @param indent blanks for each level; 0: on one line
 */
export function exampleOf(json: Json, indent = 0): string {
  const shown = withNames(json, (name) => {
    const example = EXAMPLES[name];
    return example === undefined ? (ANSWERED_EXAMPLES[name] ?? name) : asNamed(name, example);
  });
  return JSON.stringify(shown, null, indent);
}

/** One word for a POSIX shell, whatever is in it. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
