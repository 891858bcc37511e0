import { parseCookie } from "cookie";
import type { Acting } from "@/lib/core/access/guard";
import { notingRefusals } from "@/lib/core/access/note-refusal";
import { readApiToken } from "@/lib/core/api-tokens";
import { type AuditEvent, exportEvents, searchEvents } from "@/lib/core/audit-log";
import type { Context } from "@/lib/core/context";
import { type Refusal, Refused, refuse } from "@/lib/core/refusals";
import { isUnavailable } from "@/lib/http/availability";
import { requestContext } from "@/lib/http/context";
import { isForeign } from "@/lib/http/foreign-request";
import { a } from "./admin-messages";
import { AUDIT_FORMATS, type AuditFormat } from "./audit-formats";
import { AUDIT_FIELDS, readAuditQuery } from "./audit-query";
import { type ContextOf, findCaller } from "./caller";
import { refusalSentence } from "./messages";
import { refusalStatus } from "./refusal-status";

/**
 * The address at which the audit log is exported, for administrators who are signed in and for API tokens. It is answered page
 * by page: as much is held as a page has. When the database fails in the middle, the connection breaks off.
 */
export function auditExport(format: AuditFormat, contextOf: ContextOf = requestContext) {
  return async (request: Request): Promise<Response> => {
    const params = new URL(request.url).searchParams;
    const unknown = [...params.keys()].find((name) => !AUDIT_FIELDS.some((field) => field === name));
    if (unknown !== undefined)
      return sayNo(400, { error: "invalid_input", message: a.audit.unknown(unknown) });
    try {
      const { ctx, acting } = await findActing(request, contextOf);
      const body = await notingRefusals(ctx, acting, bodyOf(request, ctx, acting, format));
      return new Response(body, { headers: headersOf(ctx, format) });
    } catch (error) {
      if (error instanceof Refused) return sayRefusal(error.refusal);
      if (isUnavailable(error)) return sayRefusal({ code: "unavailable" });
      throw error;
    }
  };
}

/** Whoever brings an API token is that token, whatever cookies come with it. */
async function findActing(request: Request, contextOf: ContextOf): Promise<{ ctx: Context; acting: Acting }> {
  const { headers } = request;
  const authorization = headers.get("authorization");
  if (authorization !== null) {
    const ctx = contextOf(headers, { via: "api", keepsCookies: false });
    const [, token = ""] = /^Bearer +(\S+)$/i.exec(authorization) ?? [];
    return { ctx, acting: (await readApiToken(ctx, token)) ?? refuse({ code: "unauthenticated" }) };
  }
  if (isForeign(headers)) refuse({ code: "forbidden" });
  const jar = parseCookie(headers.get("cookie") ?? "");
  const { ctx, signedIn, challengeToken } = await findCaller(headers, (name) => jar[name], contextOf);
  if (signedIn) return { ctx, acting: signedIn };
  return refuse({ code: challengeToken ? "second_factor_required" : "unauthenticated" });
}

/** null for HEAD, which asks whether one may, and exports nothing. */
async function bodyOf(request: Request, ctx: Context, acting: Acting, format: AuditFormat) {
  const query = readAuditQuery(Object.fromEntries(new URL(request.url).searchParams));
  if (request.method === "HEAD") {
    await searchEvents(ctx, acting, { ...query, limit: 1 });
    return null;
  }
  return streamOf(await exportEvents(ctx, acting, query, format), format);
}

/** Reads the next page when what is before it has been taken; a reader who leaves ends the reading. */
function streamOf(
  pages: AsyncGenerator<AuditEvent[], void>,
  format: AuditFormat,
): ReadableStream<Uint8Array> {
  const { head, lineOf } = AUDIT_FORMATS[format];
  const encoder = new TextEncoder();
  return new ReadableStream<Uint8Array>({
    start: (controller) => {
      if (head) controller.enqueue(encoder.encode(head));
    },
    pull: async (controller) => {
      const { value } = await pages.next();
      if (value) controller.enqueue(encoder.encode(value.map(lineOf).join("")));
      else controller.close();
    },
    cancel: async () => {
      await pages.return();
    },
  });
}

function headersOf({ now }: Context, format: AuditFormat) {
  const name = `countersign-audit-${now.toISOString().slice(0, 10)}.${format}`;
  return {
    "Content-Type": AUDIT_FORMATS[format].contentType,
    "Content-Disposition": `attachment; filename="${name}"`,
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
  };
}

function sayRefusal(refusal: Refusal): Response {
  const field = refusal.code === "invalid_input" ? { field: refusal.field } : {};
  return sayNo(refusalStatus(refusal), { error: refusal.code, ...field, message: refusalSentence(refusal) });
}

function sayNo(status: number, body: { error: string; message: string }): Response {
  const headers = new Headers({ "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff" });
  // RFC 6750, section 3; RFC 9110, section 10.2.3.
  if (status === 401) headers.set("WWW-Authenticate", "Bearer");
  if (status === 503) headers.set("Retry-After", "5");
  return Response.json(body, { status, headers });
}
