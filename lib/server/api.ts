import type { IncomingMessage } from "node:http";
import type { Answer } from "./answer";

/**
 * An API as the web platform has it, from a request to its answer. What `app/` hands to Next for such an address is the
 * same function, if it uses nothing of Next.
 */
export type Api = (request: Request) => Promise<Response>;

/** APIs that are only read, by their paths. */
export type ReadApis = ReadonlyMap<string, Api>;

/** Answers a request without a body by `api`, with no host of routes between the two. */
export function answerBy(api: Api) {
  return async (request: IncomingMessage, answer: Answer): Promise<void> => {
    const headers = new Headers();
    for (const [name, value] of Object.entries(request.headers)) {
      // Only Set-Cookie is a list with Node, and it has no place in a request.
      if (typeof value === "string") headers.set(name, value);
    }
    await send(await api(new Request(addressOf(request), { headers })), answer);
  };
}

/** The address as the person's browser knows it; both headers are ours by now. */
export function addressOf({ headers, url }: IncomingMessage): string {
  return `${headers["x-forwarded-proto"]}://${headers.host}${url}`;
}

async function send(response: Response, answer: Answer): Promise<void> {
  const body = await response.text();
  answer.statusCode = response.status;
  for (const [name, value] of response.headers) {
    if (name === "set-cookie") answer.appendHeader(name, value);
    else answer.setHeader(name, value);
  }
  answer.setHeader("Content-Length", Buffer.byteLength(body));
  answer.end(body);
}
