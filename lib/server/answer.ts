import { type IncomingMessage, ServerResponse } from "node:http";
import type { AnswerStore } from "./answer-store";
import { failurePage, plainPagePolicy } from "./plain-page";

/** What must be known of a request to judge the answer to it, which is Next's but for what api.ts answers. */
export type Question = {
  store: AnswerStore;
  /** Sent to a page's address, where nothing but our actions takes what is sent. */
  isForm: boolean;
  /** The browser itself asks for a whole page, so it would show whatever body comes. */
  wantsDocument: boolean;
};

/**
 * An answer whose status and, when a page failed, whose body the server has the last word on. It is one class
 * for all requests, as wrapping each answer's functions would cost more.
 */
export class Answer extends ServerResponse<IncomingMessage> {
  question: Question | null = null;
  /** What went out; Next may change statusCode afterwards. */
  sentStatus: number | null = null;
  private replacement: string | null = null;

  override writeHead(status: number, ...rest: unknown[]): this {
    const { question } = this;
    const final = question ? finalStatus(status, question) : status;
    if (question) this.prepare(status, final, question);
    this.sentStatus = final;
    // Passed on as they came: a reason phrase or headers, in one of three forms.
    return this.replacement === null && final === status
      ? super.writeHead(status, ...(rest as []))
      : super.writeHead(final, ...(rest.filter((argument) => typeof argument === "object") as []));
  }

  private prepare(status: number, final: number, question: Question): void {
    const { store, wantsDocument } = question;
    for (const name in store.headers) this.setHeader(name, store.headers[name] ?? "");
    // Added to, not replaced, as Next may have set cookies itself.
    if (store.cookies.length > 0) this.appendHeader("Set-Cookie", store.cookies);
    if (!wantsDocument || (status < 500 && !isUnread(final, question))) return;
    for (const name of this.getHeaderNames())
      if (/^(?:content-|etag$|link$|location$|vary$)/.test(name)) this.removeHeader(name);
    this.replacement = failurePage(final, store.settledForm !== null);
    this.setHeader("Content-Type", "text/html; charset=utf-8");
    this.setHeader("Content-Length", Buffer.byteLength(this.replacement));
    this.setHeader("Content-Security-Policy", plainPagePolicy);
    this.setHeader("Cache-Control", "no-store");
    if (final === 503) this.setHeader("Retry-After", "5");
  }

  /**
   * Next sends the headers on their own, then the body, then its end: three packets. What comes within this turn of the
   * event loop goes out together; a page that streams is not held up.
   */
  override flushHeaders(): void {
    if (this.headersSent) return;
    this.cork();
    setImmediate(() => this.uncork());
    this.writeHead(this.statusCode);
    super.flushHeaders();
  }

  override write(chunk: unknown, ...rest: unknown[]): boolean {
    if (!this.headersSent) this.writeHead(this.statusCode);
    // Passed on as they came: an encoding, a callback, both or none.
    if (this.replacement === null) return super.write(chunk, ...(rest as []));
    for (const argument of rest) if (typeof argument === "function") process.nextTick(argument);
    return true;
  }

  override end(...rest: unknown[]): this {
    if (!this.headersSent) this.writeHead(this.statusCode);
    if (this.replacement === null) return super.end(...(rest as []));
    return super.end(this.replacement);
  }
}

/** The status that goes out for the one that Next chose. Pages cannot choose theirs in Next: they tell the store. */
export function finalStatus(status: number, { store, isForm }: Question): number {
  const told = store.status;
  if (told !== null && (status === 200 || status === 500)) {
    // Browsers log a script's 4xx as an error, and the page's script reads the refusal from the body anyway.
    if (!store.scripted || told === 429 || told === 503) return told;
    return status;
  }
  if (!isForm || store.actionReached) return status;
  // Next failed before any of our code ran, as it could not decode the form; or it found no action in what was sent
  // and showed the page, or went where the page leads, as if nothing had been.
  return status >= 500 || (status < 400 && !store.scripted) ? 400 : status;
}

/** No action of ours was found in what was sent: none at all (400), or one of another build's (409). */
function isUnread(final: number, { store, isForm }: Question): boolean {
  return isForm && !store.actionReached && (final === 400 || final === 409);
}
