/** A page or a redirect, as a browser without script sees it. */
export type Seen = { status: number; location: string | null; html: string };

/** A browser without script: it keeps cookies, reads pages, and posts their forms with the hidden fields they hold. */
export class FormBrowser {
  readonly cookies = new Map<string, string>();
  private readonly url: string;
  private readonly patienceMs: number;

  /** @param patienceMs how long an answer may take; then the request fails */
  constructor(url: string, patienceMs = 60_000) {
    this.url = url;
    this.patienceMs = patienceMs;
  }

  async get(path: string): Promise<Seen> {
    return this.send(path, { method: "GET" });
  }

  /**
   * Fills in and posts the form of a page that has a field or hidden value of this name.
   * @throws Error when the page has no such form
   */
  async submit(
    path: string,
    fields: Record<string, string>,
    marker = Object.keys(fields)[0] ?? "",
  ): Promise<Seen> {
    const { html } = await this.get(path);
    return this.post(path, formWith(html, marker, path), fields);
  }

  /** Posts fields together with a form's hidden ones. */
  async post(path: string, hidden: [string, string][], fields: Record<string, string>): Promise<Seen> {
    const body = new FormData();
    for (const [name, value] of [...hidden, ...Object.entries(fields)]) body.append(name, value);
    return this.send(path, { method: "POST", body });
  }

  private async send(path: string, init: RequestInit): Promise<Seen> {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const answer = await fetch(new URL(path, this.url), {
      ...init,
      redirect: "manual",
      headers: { cookie },
      signal: AbortSignal.timeout(this.patienceMs),
    });
    const html = await answer.text();
    for (const line of answer.headers.getSetCookie()) this.keep(line);
    return { status: answer.status, location: answer.headers.get("location"), html };
  }

  private keep(line: string): void {
    const [pair = "", ...attributes] = line.split(";");
    const [name = "", value = ""] = pair.split(/=(.*)/s);
    const expires = attributes.map((text) => text.trim().split("=")).find(([key]) => key === "Expires")?.[1];
    if (value === "" || (expires && new Date(expires) <= new Date())) this.cookies.delete(name);
    else this.cookies.set(name, value);
  }
}

/** The hidden fields of the form that has this text in it. */
function formWith(html: string, text: string, path: string): [string, string][] {
  const forms = html.match(/<form[\s\S]*?<\/form>/g) ?? [];
  const found = forms.find((form) => form.includes(text));
  if (!found) throw new Error(`no form with ${text} on ${path}: ${html.slice(0, 600)}`);
  const inputs = found.match(/<input[^>]*type="hidden"[^>]*>/g) ?? [];
  return inputs.map((input) => [attribute(input, "name"), attribute(input, "value")]);
}

function attribute(tag: string, name: string): string {
  const value = new RegExp(` ${name}="([^"]*)"`).exec(tag)?.[1] ?? "";
  return value
    .replaceAll("&quot;", '"')
    .replaceAll("&#x27;", "'")
    .replaceAll("&lt;", "<")
    .replaceAll("&amp;", "&");
}
