import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import type { PoolConfig } from "pg";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { completeSignIn } from "@/lib/core/challenges";
import type { Context } from "@/lib/core/context";
import { askToChangeEmail, confirmEmail } from "@/lib/core/email-address";
import { confirmTotp } from "@/lib/core/factors/confirm-totp";
import { readRevealedCodes } from "@/lib/core/factors/recovery-codes";
import { startTotpSetup } from "@/lib/core/factors/totp";
import { askForNewPassword, chooseNewPassword } from "@/lib/core/forgotten-password";
import { countSealed } from "@/lib/core/key-rotation";
import { readSession } from "@/lib/core/sessions";
import { beginSignIn } from "@/lib/core/sign-in";
import {
  beginChallenge,
  contextOf,
  expectRefusal,
  later,
  mailedLink,
  makeProtectedPerson,
} from "@/lib/core/testing/fixtures";
import { Phone } from "@/lib/core/testing/phone";
import { expectWhole, watchSteps } from "@/lib/core/testing/whole";
import { signUp } from "@/lib/core/users";
import { generateKeys, parseKeys, withNewKey } from "@/lib/crypto/keys";
import { type Database, openDatabase } from "@/lib/db/client";
import { startEmbeddedDatabase } from "@/lib/db/embedded/start";
import { findPendingMigrations } from "@/lib/db/migrate";
import { type DatabaseProxy, openDatabaseProxy, type Statement } from "@/lib/db/testing/database-proxy";
import { createDatabase } from "@/lib/db/testing/databases";
import { type Flow, flows, type Input, NEW_PASSWORD, PASSWORD, signedInBy } from "./testing/flows";
import type { Job, Told } from "./testing/victim";

// A process dies by kill -9 when the database has done a statement and the process does not know of it yet. Within a
// transaction the database is to everybody else as it was before, so that one point stands for all of it: the last before
// COMMIT. Every other statement that writes is a point of its own. Whoever was served then goes on as people do: they try again.

/** A database of a form, empty, that this file has for itself. */
type Place = { connection: PoolConfig; kill(): Promise<void>; stop(): Promise<void> };

/** More patient than the server is: a busy machine may well keep one waiting. */
const PATIENT = { connectionTimeoutMillis: 20_000, query_timeout: 20_000 };

async function openPlace(form: string): Promise<Place> {
  if (form === "postgresql") {
    const { url, drop } = await createDatabase(inject("connections").postgresql.connectionString ?? "");
    return { connection: { connectionString: url, ...PATIENT }, kill: async () => {}, stop: drop };
  }
  const dataDir = mkdtempSync(join(tmpdir(), "countersign-points-"));
  let database = await startEmbeddedDatabase(dataDir, "serve");
  return {
    connection: { ...database.connection, ...PATIENT },
    async kill() {
      process.kill(database.pid, "SIGKILL");
      await database.ended;
      database = await startEmbeddedDatabase(dataDir, "serve");
    },
    async stop() {
      await database.stop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

const program = fileURLToPath(new URL(`../dist/test/victim-${process.pid}.mjs`, import.meta.url));
/** Loaded, and waiting for what to do. */
let spare: Promise<ChildProcess>;

async function load(): Promise<ChildProcess> {
  const child = fork(program);
  const [told] = await once(child, "message");
  if (told !== "loaded") throw new Error(`the victim told ${told}`);
  return child;
}

beforeAll(async () => {
  const entryPoints = [fileURLToPath(new URL("./testing/victim.ts", import.meta.url))];
  const kind = { bundle: true, platform: "node", format: "esm", packages: "external" } as const;
  await build({ entryPoints, outfile: program, ...kind });
  spare = load();
});
afterAll(async () => {
  (await spare).kill("SIGKILL");
  rmSync(program);
});

const oneKey = generateKeys();
const keysText = withNewKey(oneKey).text;
const keys = parseKeys(keysText);

describe.each(["postgresql", "embedded"])("kill -9, on the %s form,", (form) => {
  let place: Place;
  let proxy: DatabaseProxy;
  let db: Database;
  let owner: Awaited<ReturnType<typeof makeProtectedPerson>>;
  let days = 0;

  /** Another caller, a day after the one before: no limit of the day before holds them. */
  const newDay = (): Context => later(contextOf(db, { keys }), 86_400 * ++days);

  beforeAll(async () => {
    place = await openPlace(form);
    proxy = await openDatabaseProxy(place.connection);
    db = openDatabase(place.connection);
  });
  afterAll(async () => {
    await db.$disconnect();
    await proxy.stop();
    await place.stop();
  });

  /**
   * Has a process do a job until the database has answered a statement that `isPoint` picks, and kills the process, or the
   * database, at that moment. Returns what the process told; null: nothing, as it is dead.
   */
  async function run(
    job: Omit<Job, "connection">,
    isPoint: (statement: Statement) => boolean,
    victim: "process" | "database" = "process",
  ): Promise<Told | null> {
    const child = await spare;
    spare = load();
    const ended = once(child, "exit").then(() => null);
    let killed: Promise<void> | null = null;
    proxy.watch((statement) => {
      if (killed === null && isPoint(statement)) {
        if (victim === "process") child.kill("SIGKILL");
        killed = victim === "process" ? Promise.resolve() : place.kill();
      }
      return killed === null;
    });
    const told = once(child, "message").then(([message]): Told => message);
    child.send({ ...job, connection: proxy.connection });
    const outcome = await Promise.race([told, ended]);
    child.kill("SIGKILL");
    await ended;
    await killed;
    proxy.watch(null);
    return outcome;
  }

  const jobOf = (flow: Job["flow"], { db: _db, keys: _keys, now, ...context }: Context, input: Input) => ({
    flow,
    keys: keysText,
    input,
    context: { ...context, now: now.toISOString() },
  });

  test("a start that dies while it migrates leaves a database that the next one makes ready", async () => {
    const job = jobOf("migrations", contextOf(db, { keys }), {});
    let finished = 0;
    const inTheMiddle = ({ sql }: Statement) => /SET "finished_at"/.test(sql) && ++finished === 3;
    expect(await run(job, inTheMiddle)).toBeNull();
    expect((await findPendingMigrations(place.connection)).length).toBeGreaterThan(3);
    expect(await run(job, ({ sql }) => sql === "COMMIT")).toBeNull();
    expect(await findPendingMigrations(place.connection)).toEqual([]);
    expect(await run(job, () => false)).toBe("done");
    await watchSteps(db);
    owner = await makeProtectedPerson(newDay());
  });

  const newEmail = () => `person${days}@example.org`;
  const signInAs = async (ctx: Context, phone: Phone) => {
    const token = await beginChallenge(ctx, owner.email);
    return (await completeSignIn(ctx, { challengeToken: token, code: phone.code(ctx.now) })).token;
  };
  const hasEvent = async ({ now }: Context, kind: string) =>
    (await db.event.count({ where: { kind, createdAt: now } })) > 0;

  /** What somebody has before a flow, and what they do when it was cut off: that must end well, wherever it was. */
  type Story = { before(ctx: Context): Promise<Input>; after(ctx: Context, input: Input): Promise<void> };
  const stories: Record<Flow, Story> = {
    "sign-up": {
      before: async () => ({ email: newEmail() }),
      async after(ctx, { email = "" }) {
        const isDone = (await db.user.count({ where: { email } })) === 1;
        const again = signUp(ctx, { email, password: PASSWORD });
        await (isDone ? expectRefusal(again, "conflict") : again);
        expect((await beginSignIn(ctx, { email, password: PASSWORD })).kind).toBe("session");
      },
    },
    "the start of a set-up": {
      before: async (ctx) => ({
        token: (await signUp(ctx, { email: newEmail(), password: PASSWORD })).token,
      }),
      async after(ctx, { token }) {
        const { uri } = await startTotpSetup(ctx, await signedInBy(ctx, token));
        const signedIn = await signedInBy(ctx, token);
        const { recoveryCodes } = await confirmTotp(ctx, signedIn, { code: new Phone(uri).code(ctx.now) });
        expect(recoveryCodes).toHaveLength(10);
      },
    },
    "the proof of a set-up": {
      async before(ctx) {
        const email = newEmail();
        const { token, signedIn } = await signUp(ctx, { email, password: PASSWORD });
        const { uri } = await startTotpSetup(ctx, signedIn);
        return { email, token, id: uri, code: new Phone(uri).code(ctx.now) };
      },
      async after(ctx, { email = "", token, id: uri = "", code = "" }) {
        const isDone = (await db.user.count({ where: { email, twoFactorSince: { not: null } } })) === 1;
        if (!isDone) await confirmTotp(ctx, await signedInBy(ctx, token), { code });
        const challengeToken = await beginChallenge(ctx, email);
        await expectRefusal(completeSignIn(ctx, { challengeToken, code }), "invalid_code");
        await completeSignIn(ctx, { challengeToken, code: new Phone(uri).codeAt(ctx.now, 1) });
      },
    },
    "the password step": {
      before: async () => ({ email: owner.email }),
      async after(ctx) {
        await signInAs(ctx, owner.phone);
      },
    },
    "the code step": {
      before: async (ctx) => ({
        token: await beginChallenge(ctx, owner.email),
        code: owner.phone.code(ctx.now),
      }),
      async after(ctx, { token = "", code = "" }) {
        const isDone = await hasEvent(ctx, "sign_in.succeeded");
        const again = completeSignIn(ctx, { challengeToken: token, code });
        await (isDone ? expectRefusal(again, "challenge_expired") : again);
        expect(await db.session.count({ where: { userId: owner.user.id, createdAt: ctx.now } })).toBe(1);
        await signInAs(ctx, owner.phone);
      },
    },
    "a step-up": {
      before: async (ctx) => ({
        token: await signInAs(ctx, owner.phone),
        code: owner.phone.code(ctx.now),
      }),
      async after(ctx, { token = "", code = "" }) {
        const isDone = await hasEvent(ctx, "step_up.succeeded");
        if (isDone) expect(await readSession(ctx, token)).toBeNull();
        else await flows["a step-up"](ctx, { token, code });
      },
    },
    "new recovery codes": {
      before: async (ctx) => ({ token: await signInAs(ctx, owner.phone) }),
      async after(ctx, { token = "" }) {
        const codes = await flows["new recovery codes"](ctx, { token });
        expect(await readRevealedCodes(ctx, await signedInBy(ctx, token))).toEqual(codes);
      },
    },
    "the removal of an authenticator": {
      async before(ctx) {
        const { email, token, factorId, phone } = await makeProtectedPerson(ctx);
        return { email, token, id: factorId, code: phone.code(ctx.now) };
      },
      async after(ctx, { email = "", ...input }) {
        const isDone = await hasEvent(ctx, "two_factor.off");
        if (!isDone) await flows["the removal of an authenticator"](ctx, input);
        expect((await beginSignIn(ctx, { email, password: PASSWORD })).kind).toBe("session");
      },
    },
    "asking for a new password": {
      before: async () => ({ email: owner.email }),
      async after(before) {
        const ctx = later(before, 60);
        await askForNewPassword(ctx, { email: owner.email });
        const token = await mailedLink(ctx, owner.email, "new_password_asked");
        await chooseNewPassword(ctx, { token, newPassword: PASSWORD });
      },
    },
    "the choice of a new password": {
      async before(ctx) {
        const email = newEmail();
        await signUp(ctx, { email, password: PASSWORD });
        await askForNewPassword(ctx, { email });
        return { email, token: await mailedLink(ctx, email, "new_password_asked") };
      },
      async after(ctx, { email = "", token = "" }) {
        const isDone = await hasEvent(ctx, "password.reset");
        const again = chooseNewPassword(ctx, { token, newPassword: NEW_PASSWORD });
        await (isDone ? expectRefusal(again, "conflict") : again);
        await expectRefusal(beginSignIn(ctx, { email, password: PASSWORD }), "invalid_credentials");
        await beginSignIn(ctx, { email, password: NEW_PASSWORD });
      },
    },
    "asking for another address": {
      async before(ctx) {
        const { token } = await signUp(ctx, { email: newEmail(), password: PASSWORD });
        return { token, email: `new-${newEmail()}` };
      },
      async after(before, { token, email = "" }) {
        const ctx = later(before, 60);
        const signedIn = await signedInBy(ctx, token);
        await askToChangeEmail(ctx, signedIn, { email, password: PASSWORD });
        await confirmEmail(ctx, { token: await mailedLink(ctx, email, "email_change_asked") });
        await beginSignIn(ctx, { email, password: PASSWORD });
      },
    },
    "the change of an address": {
      async before(ctx) {
        const { signedIn } = await signUp(ctx, { email: newEmail(), password: PASSWORD });
        const email = `new-${newEmail()}`;
        await askToChangeEmail(ctx, signedIn, { email, password: PASSWORD });
        return { email, token: await mailedLink(ctx, email, "email_change_asked") };
      },
      async after(ctx, { email = "", token = "" }) {
        const isDone = (await db.user.count({ where: { email } })) === 1;
        const again = confirmEmail(ctx, { token });
        await (isDone ? expectRefusal(again, "conflict") : again);
        await beginSignIn(ctx, { email, password: PASSWORD });
      },
    },
    "a change of keys": {
      async before() {
        // All is sealed by the new key after the one before.
        await flows["a change of keys"]({ ...newDay(), keys: parseKeys(oneKeyFirst) });
        return {};
      },
      async after(ctx) {
        await flows["a change of keys"](ctx);
        expect([...(await countSealed(db)).keys()]).toEqual([keys.ring.sealingKey]);
      },
    },
  };

  /** The points of a flow: how many statements it sends until each of them. */
  async function findPoints(flow: Flow): Promise<number[]> {
    const seen: Statement[] = [];
    const ctx = newDay();
    const input = await stories[flow].before(ctx);
    const told = await run(jobOf(flow, ctx, input), (statement) => {
      if (!isOfConnection(statement)) seen.push(statement);
      return false;
    });
    expect(told).toBe("done");
    const isPoint = ({ isInTransaction, sql }: Statement, next: Statement | undefined) =>
      isInTransaction ? next?.sql === "COMMIT" : /\b(?:INSERT|UPDATE|DELETE|COMMIT)\b/.test(sql);
    return seen.flatMap((statement, index) => (isPoint(statement, seen[index + 1]) ? [index + 1] : []));
  }

  async function killAt(flow: Flow, point: number, victim: "process" | "database"): Promise<void> {
    const ctx = newDay();
    const input = await stories[flow].before(ctx);
    let count = 0;
    let last = "";
    const told = await run(
      jobOf(flow, ctx, input),
      (statement) => {
        if (isOfConnection(statement)) return false;
        count += 1;
        last = statement.sql.replaceAll(/\s+/g, " ").trim().slice(0, 80);
        return count === point;
      },
      victim,
    );
    const when = `${flow}, ${victim} killed at statement ${point}: ${last}`;
    expect([count, told], when).toEqual([point, victim === "process" ? null : "unavailable"]);
    await expectWhole(place.connection, ctx, when);
    await stories[flow].after(ctx, input);
  }

  test.each(Object.keys(flows) as Flow[])(
    "at each point of %s loses nothing and leaves nothing half done",
    async (flow) => {
      const points = await findPoints(flow);
      expect(points.length).toBeGreaterThan(0);
      for (const point of points) await killAt(flow, point, "process");
      await expectWhole(place.connection, newDay(), `${flow}, gone on with`);
    },
    600_000,
  );

  if (form === "embedded")
    test("of the database at each point of the code step loses nothing and leaves nothing half done", async () => {
      for (const point of await findPoints("the code step")) await killAt("the code step", point, "database");
    }, 600_000);
});

/** What a connection is opened with, and the end of a transaction that came to nothing. */
function isOfConnection({ sql }: Statement): boolean {
  return sql.startsWith("SET ");
}

/** The same keys, in the order before the second one was made. */
const oneKeyFirst = (() => {
  const { seal, ...rest } = JSON.parse(keysText);
  return JSON.stringify({ ...rest, seal: seal.split(",").reverse().join(",") });
})();
