import { Agent, type IncomingHttpHeaders, request } from "node:http";

export type BrowserAnswer = { status: number; headers: IncomingHttpHeaders; body: string };

/** A form as a page without its script holds it: where it is sent, and the fields that are not typed. */
export type Form = { path: string; hidden: [name: string, value: string][] };

const BOUNDARY = "----countersign-bench";
const MULTIPART = `multipart/form-data; boundary=${BOUNDARY}`;

/** The `name=value` of a cookie that an answer sets, or null. */
export function cookieOf({ headers }: BrowserAnswer, name: string): string | null {
  const line = headers["set-cookie"]?.find(
    (cookie) => cookie.startsWith(`${name}=`) && !/^[^=]+=;/.test(cookie),
  );
  return line?.split(";")[0] ?? null;
}

/** Connections to one server that are kept, and what a browser sends along. */
export class Browser {
  private readonly agent: Agent;
  private readonly url: URL;

  constructor(url: string, connections: number) {
    this.url = new URL(url);
    this.agent = new Agent({ keepAlive: true, maxSockets: connections });
  }

  get(path: string, cookie: string): Promise<BrowserAnswer> {
    return this.send("GET", path, cookie, null, MULTIPART);
  }

  /** Sends a form as a document would: multipart, with the hidden fields first. */
  post({ path, hidden }: Form, typed: Record<string, string>, cookie: string): Promise<BrowserAnswer> {
    const fields = [...hidden, ...Object.entries(typed)];
    const parts = fields.map(
      ([name, value]) =>
        `--${BOUNDARY}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
    );
    return this.send("POST", path, cookie, `${parts.join("")}--${BOUNDARY}--\r\n`, MULTIPART);
  }

  postJson(path: string, body: object, cookie: string): Promise<BrowserAnswer> {
    return this.send("POST", path, cookie, JSON.stringify(body), "application/json");
  }

  /** Finds the form that has a field, and its hidden fields. */
  async readForm(path: string, field: string, cookie: string): Promise<Form> {
    const { status, body } = await this.get(path, cookie);
    const forms = body.match(/<form[\s\S]*?<\/form>/g) ?? [];
    const form = forms.find((html) => new RegExp(`<input[^>]* name="${field}"`).test(html));
    if (!form) throw new Error(`${path} (${status}) has no form with a field "${field}"`);
    const inputs = form.match(/<input[^>]*type="hidden"[^>]*>/g) ?? [];
    const hidden = inputs.map((input): [string, string] => [
      attribute(input, "name"),
      attribute(input, "value"),
    ]);
    return { path, hidden };
  }

  close(): void {
    this.agent.destroy();
  }

  private send(
    method: string,
    path: string,
    cookie: string,
    body: string | null,
    type: string,
  ): Promise<BrowserAnswer> {
    const headers = {
      "User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
      ...(cookie ? { Cookie: cookie } : {}),
      ...(body === null
        ? {}
        : {
            Origin: this.url.origin,
            "Content-Type": type,
            "Content-Length": Buffer.byteLength(body),
          }),
    };
    const { hostname: host, port } = this.url;
    return new Promise((resolve, reject) => {
      const sent = request({ host, port, method, path, headers, agent: this.agent }, (answer) => {
        let text = "";
        answer.setEncoding("utf8");
        answer.on("data", (chunk) => {
          text += chunk;
        });
        answer.on("end", () =>
          resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: text }),
        );
        answer.on("error", reject);
      });
      sent.on("error", reject);
      sent.end(body ?? undefined);
    });
  }
}

function attribute(input: string, name: string): string {
  const [, value = ""] = new RegExp(` ${name}="([^"]*)"`).exec(input) ?? [];
  return value
    .replaceAll("&quot;", '"')
    .replaceAll("&#x27;", "'")
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&amp;", "&");
}
