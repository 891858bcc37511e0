import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from "node:http";
import { join, relative } from "node:path";
import { buffer } from "node:stream/consumers";
import type { Page } from "@playwright/test";
import type { Database } from "@/lib/db/client";
import { findHolder } from "@/lib/db/embedded/lock";
import { embeddedPaths } from "@/lib/db/embedded/paths";
import { listenAtFreePort } from "@/lib/testing/free-port";

/** Where a secret is looked for. */
export type Place = { name: string; content: Buffer | string };

/** Every file in a folder; sockets are none. */
export function filesIn(folder: string): Place[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile())
    .map((path) => ({ name: relative(folder, path), content: readFileSync(path) }));
}

/** Every row of every table as text, as a backup would have it: values that the files hold compressed are plain here. */
export async function dumpOf(db: Database): Promise<Place[]> {
  const tables = await db.$queryRaw<{ name: string }[]>`
    SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename`;
  return Promise.all(
    tables.map(async ({ name }) => {
      // Its name comes from the database itself.
      const rows = await db.$queryRawUnsafe<{ row: string }[]>(`SELECT t::text AS row FROM "${name}" AS t`);
      return { name: `table ${name}`, content: rows.map(({ row }) => row).join("\n") };
    }),
  );
}

/** The processes of the server and of its database. */
export function processIdsOf(dataDir: string): { serverPid: number; databasePid: number } {
  const holder = findHolder(embeddedPaths(dataDir).lock);
  if (holder === null || holder === "unknown") throw new Error("the database should be open");
  return { serverPid: holder.parentPid, databasePid: holder.pid };
}

/** What anybody on the machine sees of them (`ps`), and their environment. */
export function processesOf(dataDir: string): Place[] {
  return Object.entries(processIdsOf(dataDir)).map(([name, pid]) => ({
    name,
    content: execFileSync("ps", ["eww", "-o", "command=", "-p", String(pid)]),
  }));
}

/** What browsers hold, ask and are told while somebody uses the service. They come by a proxy that writes down all of it. */
export class Trail {
  /** Each address asked for or shown, and what requests say of where they come from. */
  readonly addresses: Place[] = [];
  /** Bodies and headers of answers, but cookies that no script can read, by the path that was asked for. */
  readonly answers: Place[] = [];
  /** What scripts of a page can read, but the page itself. */
  readonly stored: Place[] = [];
  /** Documents as they stand in the browser. */
  readonly documents: Place[] = [];
  readonly #proxy = createServer((request, answer) => this.#passOn(request, answer));

  /** Starts the proxy; browsers are to be opened with what this returns. */
  async start(): Promise<{ proxy: { server: string } }> {
    const port = await listenAtFreePort(this.#proxy);
    return { proxy: { server: `http://127.0.0.1:${port}` } };
  }

  stop(): void {
    this.#proxy.closeAllConnections();
    this.#proxy.close();
  }

  /** Looks at a page as it is now. */
  async look(page: Page): Promise<void> {
    const name = new URL(page.url()).pathname;
    this.addresses.push({ name: `address bar of ${name}`, content: page.url() });
    this.documents.push({ name, content: await page.content() });
    const content = await page.evaluate(async () => {
      const databases = (await indexedDB.databases()).map((database) => database.name);
      const workers = await navigator.serviceWorker.getRegistrations();
      return JSON.stringify({
        cookie: document.cookie,
        name: window.name,
        local: { ...localStorage },
        session: { ...sessionStorage },
        databases,
        caches: await caches.keys(),
        workers: workers.map(({ scope }) => scope),
      });
    });
    this.stored.push({ name, content });
  }

  /** An answer to a client that is no browser. Returns its body. */
  async noteAnswer(name: string, answer: Response): Promise<string> {
    const body = await answer.text();
    this.answers.push({ name, content: `${JSON.stringify([...answer.headers])}\n${body}` });
    return body;
  }

  #passOn(request: IncomingMessage, answer: ServerResponse): void {
    // Proxies are asked for whole addresses (RFC 9112, 3.2.2).
    const { href, pathname } = new URL(request.url ?? "");
    const { referer = "" } = request.headers;
    this.addresses.push({ name: `request for ${href}`, content: `${href}\n${referer}` });
    const headers = { ...request.headers, "accept-encoding": "identity" };
    const asked = httpRequest(href, { method: request.method, headers }, async (theirs) => {
      const body = await buffer(theirs);
      const { "set-cookie": cookies = [], ...others } = theirs.headers;
      const shown = JSON.stringify([others, cookies.filter((line) => !/; HttpOnly/i.test(line))]);
      this.answers.push({ name: pathname, content: Buffer.concat([Buffer.from(shown), body]) });
      answer.writeHead(theirs.statusCode ?? 502, theirs.headers).end(body);
    });
    asked.on("error", () => answer.destroy());
    request.pipe(asked);
  }
}
