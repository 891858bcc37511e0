import {
  type BrowserContext,
  type BrowserContextOptions,
  test as base,
  expect,
  type Page,
} from "@playwright/test";
import { LIMITS } from "@/lib/core/limits";
import type { Keys } from "@/lib/crypto/keys";
import type { Database } from "@/lib/db/client";
import { sealSessionCookie } from "@/lib/http/session-cookie";
import { startServer } from "./global-setup";
import {
  freshEmail,
  makePerson,
  makeProtectedPerson,
  type Person,
  type ProtectedPerson,
  removePeople,
} from "./people";
import { openServerDatabase, serverKeys, serverUrl } from "./server";
import { Watch } from "./watch";

type Fixtures = {
  /** The network address that the test's requests come from: nobody else's. */
  address: string;
  /** What the test's browsers complained of; anything that is not allowed fails the test. */
  watch: Watch;
  /** Another browser. From the test's own address, unless it brings another. */
  openBrowser: (options?: BrowserContextOptions) => Promise<Page>;
  /** An e-mail address that nobody has; an account made with it is removed afterwards. */
  email: string;
  /** Somebody with a password alone. */
  person: Person;
  /** Somebody with two-factor sign-in on. */
  protectedPerson: ProtectedPerson;
  /** Makes one more such account. */
  makeProtected: (options?: { isAdmin?: boolean }) => Promise<ProtectedPerson>;
  /** Gives a browser somebody's session. */
  bringSession: (target: Page | BrowserContext, person: Person) => Promise<void>;
};
type WorkerFixtures = {
  db: Database;
  keys: Keys;
  /** For a file that changes what is one for everybody: a server that no other file's tests use. */
  hasOwnServer: boolean;
  /** What that server is told besides. */
  ownSettings: Record<string, string>;
  /** The server under test has been started. */
  server: true;
};

let addresses = 0;

export const test = base.extend<Fixtures, WorkerFixtures>({
  hasOwnServer: [false, { option: true, scope: "worker" }],
  ownSettings: [{}, { option: true, scope: "worker" }],
  server: [
    async ({ hasOwnServer, ownSettings }, use) => {
      // A worker with another option is another process, so that where the server is stays true for all of its tests.
      const stop = hasOwnServer ? await startServer(ownSettings) : null;
      await use(true);
      await stop?.();
    },
    { scope: "worker", auto: true, timeout: 180_000 },
  ],
  keys: [async ({ server: _started }, use) => use(serverKeys()), { scope: "worker" }],
  db: [
    async ({ server: _started }, use) => {
      const db = openServerDatabase();
      await use(db);
      await db.$disconnect();
    },
    { scope: "worker" },
  ],
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads what a fixture needs from the pattern
  baseURL: async ({}, use) => use(serverUrl()),
  // biome-ignore lint/correctness/noEmptyPattern: as above
  address: async ({}, use, { workerIndex }) => {
    addresses += 1;
    await use(`10.${workerIndex % 256}.${Math.floor(addresses / 256)}.${addresses % 256}`);
  },
  extraHTTPHeaders: async ({ address }, use) => use({ "X-Forwarded-For": address }),
  // biome-ignore lint/correctness/noEmptyPattern: as above
  watch: async ({}, use) => {
    const watch = new Watch();
    await use(watch);
    expect(watch.unexpected(), "what the browser complained of").toEqual([]);
  },
  context: async ({ context, watch }, use) => {
    await watch.over(context);
    await use(context);
  },
  openBrowser: async ({ browser, contextOptions, address, watch }, use) => {
    const opened: BrowserContext[] = [];
    await use(async (options = {}) => {
      const context = await browser.newContext({
        ...contextOptions,
        baseURL: serverUrl(),
        extraHTTPHeaders: { "X-Forwarded-For": address },
        ...options,
      });
      opened.push(context);
      await watch.over(context);
      return context.newPage();
    });
    for (const context of opened) await context.close();
  },
  email: async ({ db }, use) => {
    const email = freshEmail();
    await use(email);
    await removePeople(db, [email]);
  },
  person: async ({ db, keys, address }, use) => {
    const person = await makePerson(db, keys, address);
    await use(person);
    await removePeople(db, [person.email]);
  },
  protectedPerson: async ({ makeProtected }, use) => use(await makeProtected()),
  makeProtected: async ({ db, keys, address }, use) => {
    const made: string[] = [];
    await use(async ({ isAdmin = false } = {}) => {
      const person = await makeProtectedPerson(db, keys, address, isAdmin);
      made.push(person.email);
      return person;
    });
    await removePeople(db, made);
  },
  bringSession: async ({ keys }, use) => {
    await use(async (target, { token }) => {
      const context = "context" in target ? target.context() : target;
      const value = sealSessionCookie(keys, token, LIMITS.session.adminMaxHours * 3600, new Date());
      await context.addCookies([{ ...sessionCookie, value, url: serverUrl() }]);
    });
  },
});

const sessionCookie = { name: "next-auth.session-token", httpOnly: true, sameSite: "Lax" } as const;

export { expect };
