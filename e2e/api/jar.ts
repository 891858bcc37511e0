import { parseSetCookie } from "cookie";

/** fetch as a browser does it: cookies are kept and sent, and requests say which origin they come from. */
export class Jar {
  readonly cookies = new Map<string, string>();
  private readonly headers: Record<string, string>;

  /** @param headers sent with each request */
  constructor(headers: Record<string, string> = {}) {
    this.headers = headers;
  }

  readonly fetch: typeof fetch = async (input, init) => {
    const request = new Request(input, init);
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    if (cookie) request.headers.set("cookie", cookie);
    for (const [name, value] of Object.entries(this.headers)) request.headers.set(name, value);
    const answer = await fetch(request);
    for (const line of answer.headers.getSetCookie()) this.keep(line);
    return answer;
  };

  private keep(line: string): void {
    const { name, value, expires, maxAge } = parseSetCookie(line);
    const isOver = maxAge === 0 || (expires !== undefined && expires <= new Date());
    if (!value || isOver) this.cookies.delete(name);
    else this.cookies.set(name, value);
  }
}
