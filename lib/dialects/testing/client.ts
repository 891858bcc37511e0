import { parseSetCookie, stringifyCookie } from "cookie";
import type { Context } from "@/lib/core/context";
import type { Dialect } from "../dialect";

/** An answer as its client sees it. */
export type Seen = {
  status: number;
  /** The JSON that was answered, null for an empty body, the text itself where it is no JSON. */
  body: unknown;
  headers: Headers;
  /** The Set-Cookie headers, as they were sent. */
  setCookies: string[];
};

type Kept = { value: string /** Null: until the browser is closed. */; endsAt: Date | null };

/** A client with a cookie jar, which asks a dialect in this process. Its clock is the Context's. */
export class TestClient {
  /** Tests put a later one in its place. */
  ctx: Context;
  readonly #dialect: Dialect;
  readonly #jar = new Map<string, Kept>();

  constructor(dialect: Dialect, ctx: Context) {
    this.#dialect = dialect;
    this.ctx = ctx;
  }

  /**
   * Sends one request and keeps the cookies of its answer.
   * @param body undefined: none. A text or bytes go out as they are, anything else as JSON
   * @param headers besides, or in place of, Content-Type and Cookie
   */
  async send(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Seen> {
    const sent = new Headers(body === undefined ? {} : { "content-type": "application/json" });
    const cookies = this.cookies();
    if (Object.keys(cookies).length > 0) sent.set("cookie", stringifyCookie(cookies));
    for (const [name, value] of Object.entries(headers)) sent.set(name, value);
    const init = body === undefined ? {} : { body: asBody(body) };
    const request = new Request(`http://localhost:3000${path}`, { method, headers: sent, ...init });
    const answer = await this.#dialect.answer(request, (received, brought) => ({
      ...this.ctx,
      userAgent: received.get("user-agent") ?? "Test",
      keepsCookies: true,
      keptToken: null,
      browserToken: null,
      trustToken: null,
      ...brought,
    }));
    const setCookies = answer.headers.getSetCookie();
    for (const line of setCookies) this.#keep(line);
    return { status: answer.status, body: parsed(await answer.text()), headers: answer.headers, setCookies };
  }

  /** What the jar holds now. */
  cookies(): Record<string, string> {
    const live = [...this.#jar].filter(([, { endsAt }]) => endsAt === null || endsAt > this.ctx.now);
    return Object.fromEntries(live.map(([name, { value }]) => [name, value]));
  }

  /** Takes a cookie out of the jar. */
  forget(name: string): void {
    this.#jar.delete(name);
  }

  #keep(line: string): void {
    const { name, value = "", maxAge, expires = null } = parseSetCookie(line);
    // Where both are there, Max-Age counts (RFC 6265, section 4.1.2.2).
    const endsAt = maxAge === undefined ? expires : new Date(this.ctx.now.getTime() + maxAge * 1000);
    if (endsAt !== null && endsAt <= this.ctx.now) this.#jar.delete(name);
    else this.#jar.set(name, { value, endsAt });
  }
}

function asBody(body: unknown): string | Uint8Array<ArrayBuffer> {
  if (typeof body === "string") return body;
  return body instanceof Uint8Array ? new Uint8Array(body) : JSON.stringify(body);
}

function parsed(text: string): unknown {
  if (text === "") return null;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
