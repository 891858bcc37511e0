import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import type { Answer } from "./answer";
import type { Rpc } from "./grpc/server";

/**
 * An API as the web platform has it, from a request to its answer. What `app/` hands to Next for such an address is the
 * same function, if it uses nothing of Next.
 */
export type Api = (request: Request) => Promise<Response>;

/** A page's form, or null where its page is to be shown again. */
export type PlainForm = (request: Request) => Promise<Response | null>;

/** What needs nothing of Next to be answered, by its path. */
export type Direct = {
  /** Only read. */
  apis: ReadonlyMap<string, Api>;
  /** What answers every method at an address, and checks for itself what was sent there; null: nothing does. */
  findApi(path: string): Api | null;
  /** What is served over native gRPC, where there is a port for it. */
  rpc: Rpc;
  /** Sent without the page's script. */
  forms: ReadonlyMap<string, PlainForm>;
};

/** Answers a request, whole. */
export type Handle = (request: IncomingMessage, answer: Answer) => Promise<void>;

/** Answers a request without a body by `api`, with no host of routes between the two. */
export function answerBy(api: Api): Handle {
  return async (request, answer) => send(await api(new Request(addressOf(request), init(request))), answer);
}

/** As `answerBy`, for an API that reads what was sent, as far as it cares to. */
export function answerAllBy(api: Api): Handle {
  return async (request, answer) => {
    const { method = "GET" } = request;
    const hasBody = method !== "GET" && method !== "HEAD";
    const body = hasBody ? { body: bytesOf(request), duplex: "half" as const } : {};
    const response = await api(new Request(addressOf(request), { ...init(request), method, ...body }));
    if (request.destroyed && !request.complete) return;
    // What is still coming of the body is not worth reading.
    if (!request.complete) answer.setHeader("Connection", "close");
    request.resume();
    return send(response, answer);
  };
}

function bytesOf(request: IncomingMessage): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start: (controller) => {
      request.on("data", (chunk: Uint8Array) => {
        controller.enqueue(new Uint8Array(chunk));
        if ((controller.desiredSize ?? 0) <= 0) request.pause();
      });
      request.once("end", () => controller.close());
      request.once("error", (error) => controller.error(error));
      request.once("close", () => {
        if (!request.complete) controller.error(new Error("the connection ended before the body did"));
      });
    },
    pull: () => void request.resume(),
    cancel: () => void request.removeAllListeners("data").removeAllListeners("end"),
  });
}

/** Answers a form by `form` where that can, and by the route of its page otherwise, as if nobody had read it before. */
export function answerFormBy(form: PlainForm, route: Handle): Handle {
  return async (request, answer) => {
    if (!isPlainForm(request.headers)) return route(request, answer);
    const body = await peekBody(request);
    if (body === null) return;
    const response = await form(new Request(addressOf(request), { ...init(request), method: "POST", body }));
    if (request.destroyed) return;
    if (response === null) return route(request, answer);
    // Else what was put back would be kept as long as the connection is.
    request.resume();
    return send(response, answer);
  };
}

/** As browsers spell it: Next takes no other spelling for a form. */
function isPlainForm(headers: IncomingHttpHeaders): boolean {
  const isScripted = headers["next-action"] !== undefined;
  return (
    !isScripted && /^multipart\/form-data\s*;/.test(headers["content-type"] ?? "") && lengthOf(headers) > 0
  );
}

/** In bytes; what announces none has no body, or was refused before (request-check.ts). */
function lengthOf(headers: IncomingHttpHeaders): number {
  return Number(headers["content-length"] ?? 0);
}

type Bytes = Uint8Array<ArrayBuffer>;

/** Reads the body and puts it back. null if the connection ended before the body did. */
function peekBody(request: IncomingMessage): Promise<Bytes | null> {
  const length = lengthOf(request.headers);
  return new Promise((resolve) => {
    const settle = (body: Bytes | null) => {
      request.off("readable", look).off("close", leave);
      resolve(body);
    };
    const leave = () => settle(null);
    const look = () => {
      // Bytes, as nobody set an encoding; the type allows for anything.
      const body: Bytes | null = request.read(length);
      if (body === null) return;
      request.unshift(body);
      settle(body);
    };
    request.on("readable", look).on("close", leave);
  });
}

function init(request: IncomingMessage) {
  const headers = new Headers();
  for (const [name, value] of Object.entries(request.headers)) {
    // Only Set-Cookie is a list with Node, and it has no place in a request.
    if (typeof value === "string") headers.set(name, value);
  }
  return { headers };
}

/** The address as the person's browser knows it; both headers are ours by now. */
export function addressOf({ headers, url }: IncomingMessage): string {
  return `${headers["x-forwarded-proto"]}://${headers.host}${url}`;
}

async function send(response: Response, answer: Answer): Promise<void> {
  const body = new Uint8Array(await response.arrayBuffer());
  answer.statusCode = response.status;
  for (const [name, value] of response.headers) {
    if (name === "set-cookie") answer.appendHeader(name, value);
    else answer.setHeader(name, value);
  }
  answer.setHeader("Content-Length", body.byteLength);
  answer.end(body);
}
