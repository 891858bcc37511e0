import { NextRequest, NextResponse } from "next/server";
import NextAuth, { type NextAuthOptions, type Session } from "next-auth";
import type { JWT } from "next-auth/jwt";
import type { Context } from "@/lib/core/context";
import { endSession, readSession, type SignedIn } from "@/lib/core/sessions";
import { env } from "@/lib/env";
import { isUnavailable } from "@/lib/http/availability";
import { requestContext } from "@/lib/http/context";
import { cookieNames } from "@/lib/http/cookie-names";
import { nextAuthSecret, openSessionCookie } from "@/lib/http/session-cookie";
import { safeCallbackUrl } from "./callback-url";
import { sessionAnswer } from "./session-answer";

// The one module that knows next-auth. It carries the session: its cookie is an envelope around our session's token,
// its addresses sign people out and keep other sites from doing so. It decides nothing: the Session row does, at each
// request. Who is signed in is read without it: see session-answer.ts.

/** What next-auth swallows in its own error handling and we must know of: see `answer` below. */
type Happened = { failure: unknown; signedIn: SignedIn | null };

const ACTIONS: Record<string, readonly string[]> = {
  GET: ["csrf", "providers", "signin", "signout", "error"],
  POST: ["session", "signout"],
};

function authOptions(ctx: Context, envelope: string, happened: Happened): NextAuthOptions {
  const { publicUrl } = env();
  const secure = publicUrl.protocol === "https:";
  const attributes = { httpOnly: true, sameSite: "lax", path: "/", secure } as const;
  const prefix = secure ? "__Host-" : "";
  /** next-auth takes whatever its callbacks throw for a bad cookie; a database that is away is not one. */
  const noting = async <T>(work: Promise<T>): Promise<T> => {
    try {
      return await work;
    } catch (error) {
      happened.failure = error;
      throw error;
    }
  };
  return {
    providers: [],
    secret: nextAuthSecret(ctx.keys),
    session: { strategy: "jwt", maxAge: env().sessionMaxHours * 3600 },
    useSecureCookies: secure,
    cookies: {
      sessionToken: { name: cookieNames(publicUrl).session, options: attributes },
      csrfToken: { name: `${prefix}next-auth.csrf-token`, options: attributes },
      callbackUrl: { name: `${prefix}next-auth.callback-url`, options: attributes },
    },
    pages: { signIn: "/sign-in", signOut: "/settings/security", error: "/sign-in" },
    jwt: {
      decode: async ({ token }) => {
        const sid = openSessionCookie(ctx.keys, token ?? "", ctx.now);
        return sid === null ? null : { sid };
      },
      // The envelope stays as it is: what it holds does not change, and the session's end is in its row.
      encode: () => envelope,
    },
    callbacks: {
      // `update` and its payload are not looked at: nothing that a browser says changes a session.
      jwt: async ({ token }) => {
        happened.signedIn = await noting(readSession(ctx, sessionIdOf(token)));
        if (happened.signedIn === null) throw new Error("The session has ended");
        return token;
      },
      session: () => {
        if (happened.signedIn === null) throw new Error("The session has ended");
        // next-auth answers what it is given; its type has no word for nobody.
        return sessionAnswer(happened.signedIn) as Session;
      },
      redirect: ({ url, baseUrl }) => `${baseUrl}${safeCallbackUrl(localPath(url, baseUrl), "/")}`,
    },
    events: { signOut: ({ token }) => noting(endSession(ctx, sessionIdOf(token))) },
    // An ended session is no error. What is one comes out of `answer`.
    logger: { error: () => {}, warn: () => {}, debug: () => {} },
  };
}

function sessionIdOf(token: JWT | null): string {
  return typeof token?.sid === "string" ? token.sid : "";
}

/** A callback address as a path; next-auth's own are whole addresses of ours. */
function localPath(url: unknown, baseUrl: string): unknown {
  if (typeof url !== "string" || !url.startsWith(baseUrl)) return url;
  return url.slice(baseUrl.length) || "/";
}

function refuse(status: number, message: string): NextResponse {
  return NextResponse.json({ message }, { status });
}

/** next-auth answers 500 for a callback address that is none; it comes from the request, so it is dropped here. */
function hasBadCallback(request: NextRequest, cookieName: string): boolean {
  return [request.nextUrl.searchParams.get("callbackUrl"), request.cookies.get(cookieName)?.value].some(
    (url) => url && !(/^(?:https?:\/)?\//.test(url) && URL.canParse(url, env().publicUrl)),
  );
}

/** The body of a POST as next-auth reads it, or null if it cannot be read. */
async function readableBody(request: NextRequest): Promise<string | null> {
  const text = await request.text();
  if (!request.headers.get("content-type")?.includes("application/json")) return text;
  try {
    const body: unknown = JSON.parse(text);
    return typeof body === "object" && body !== null && !Array.isArray(body) ? text : null;
  } catch {
    return null;
  }
}

type RouteContext = { params: Promise<{ nextauth: string[] }> };

async function answer(request: NextRequest, route: RouteContext): Promise<Response> {
  const [action = "", ...rest] = (await route.params).nextauth;
  if (!ACTIONS[request.method]?.includes(action) || rest.length > 0) return refuse(404, "Not found");
  const options = prepare(request);
  const { cookies } = options.nextAuth;
  if (hasBadCallback(request, cookies?.callbackUrl?.name ?? "")) return refuse(400, "Bad callbackUrl");
  const forwarded = await withBody(request);
  if (forwarded === null) return refuse(400, "The body cannot be read");
  const response: Response = await NextAuth(forwarded, route, options.nextAuth);
  const { failure, signedIn } = options.happened;
  if (failure !== null) {
    if (isUnavailable(failure)) return refuse(503, "The database cannot be reached");
    throw failure;
  }
  // next-auth's own answer to a call without its token has an object where the text should be.
  if (action === "session" && response.status === 400)
    return refuse(400, "The csrfToken is missing or wrong");
  return signedIn && action === "session"
    ? withoutCookie(response, cookies?.sessionToken?.name ?? "")
    : response;
}

function prepare(request: NextRequest) {
  // next-auth knows its own address from this variable alone, and reads it itself.
  process.env.NEXTAUTH_URL ??= `${env().publicUrl.origin}/api/auth`;
  const names = cookieNames(env().publicUrl);
  const value = (name: string) => request.cookies.get(name)?.value ?? "";
  const ctx = requestContext(request.headers);
  const happened: Happened = { failure: null, signedIn: null };
  return { happened, nextAuth: authOptions(ctx, value(names.session), happened) };
}

async function withBody(request: NextRequest): Promise<NextRequest | null> {
  if (request.method !== "POST") return request;
  const body = await readableBody(request);
  if (body === null) return null;
  return new NextRequest(request.url, { method: "POST", headers: request.headers, body });
}

/** The cookie is as it was; sending it again would only move its end past the session's. */
function withoutCookie(response: Response, name: string): Response {
  const kept = response.headers.getSetCookie().filter((line) => !line.startsWith(`${name}=`));
  response.headers.delete("Set-Cookie");
  for (const line of kept) response.headers.append("Set-Cookie", line);
  return response;
}

/** next-auth's own way to change a session. Nothing changes by it; it answers as the session read does. */
function updateSession(request: NextRequest): Promise<Response> {
  return answer(request, { params: Promise.resolve({ nextauth: ["session"] }) });
}

export { answer as GET, answer as POST, updateSession };
