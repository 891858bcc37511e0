import { randomBytes } from "node:crypto";
import { type NextRequest, NextResponse } from "next/server";
import { env, isDevelopment } from "@/lib/env";
import { cookieNames } from "@/lib/http/cookie-names";
import { contentPolicy } from "@/lib/server/content-policy";
import { gateRedirect } from "@/lib/web/gate";
import { SHOWN_ONCE } from "@/lib/web/params";

/** The gate, and the content policy of pages. It decides nothing: see lib/web/gate.ts. */
export function proxy(request: NextRequest): NextResponse {
  const { publicUrl } = env();
  const nonce = randomBytes(16).toString("base64");
  const policy = contentPolicy(nonce, { isHttps: publicUrl.protocol === "https:", isDevelopment });
  const answer = sendElsewhere(request, publicUrl) ?? letThrough(request, policy);
  answer.headers.set("Content-Security-Policy", policy);
  answer.headers.set("Cache-Control", "no-store");
  return answer;
}

/** Forms are never sent elsewhere: the action that they reach says where to go. */
function sendElsewhere(request: NextRequest, publicUrl: URL): NextResponse | null {
  if (request.method !== "GET" && request.method !== "HEAD") return null;
  const names = cookieNames(publicUrl);
  const { pathname, search } = request.nextUrl;
  const elsewhere = gateRedirect(pathname + search, {
    hasSession: request.cookies.has(names.session),
    hasChallenge: request.cookies.has(names.challenge),
  });
  return elsewhere === null ? null : NextResponse.redirect(new URL(elsewhere, request.nextUrl.origin));
}

/** Next takes the nonce for its own scripts from the policy among the request's headers. */
function letThrough(request: NextRequest, policy: string): NextResponse {
  const headers = new Headers(request.headers);
  headers.set("Content-Security-Policy", policy);
  const shown = { request: { headers } };
  if (!isLookingAhead(request) || !request.nextUrl.searchParams.has(SHOWN_ONCE))
    return NextResponse.next(shown);
  const url = request.nextUrl.clone();
  url.searchParams.delete(SHOWN_ONCE);
  return NextResponse.rewrite(url, shown);
}

/** Whether nobody sees the answer, or not yet: it must not use up what is shown once (RFC 9110, section 9.2.1). */
function isLookingAhead({ method, headers }: NextRequest): boolean {
  return method === "HEAD" || headers.has("sec-purpose") || headers.has("next-router-prefetch");
}

export const config = { matcher: "/((?!api/|resources/|v2/|zitadel\\.|_next/|icon.svg$).*)" };
