import { execFileSync } from "node:child_process";
import { createHash, type Hash, type Hmac } from "node:crypto";
import {
  createWriteStream,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGzip, gunzipSync, gzipSync } from "node:zlib";
import type { PoolConfig } from "pg";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, inject, onTestFinished, test } from "vitest";
import { disableUser } from "@/lib/core/admin/disable-user";
import { createApiTokenFor, readApiToken } from "@/lib/core/api-tokens";
import { proofOf, readBackup } from "@/lib/core/backup/file";
import { makeBackup } from "@/lib/core/backup/make-backup";
import { checkBackup, type Restored, restoreBackup } from "@/lib/core/backup/restore-backup";
import { KEPT, LEFT_OUT } from "@/lib/core/backup/tables";
import { completeSignIn } from "@/lib/core/challenges";
import type { Context } from "@/lib/core/context";
import { startTotpSetup } from "@/lib/core/factors/totp";
import { totpBinding } from "@/lib/core/factors/totp-factor";
import { askForNewPassword, readPasswordLink } from "@/lib/core/forgotten-password";
import { newId } from "@/lib/core/ids";
import { prepareInstallation } from "@/lib/core/installation";
import { readSession } from "@/lib/core/sessions";
import { beginSignIn } from "@/lib/core/sign-in";
import {
  beginChallenge,
  contextOf,
  expectRefusal,
  later,
  mailedLink,
  makePerson,
  makeProtectedPerson,
  NOON,
  PASSWORD,
  reread,
} from "@/lib/core/testing/fixtures";
import { expectWhole } from "@/lib/core/testing/whole";
import { createUser, insertUser } from "@/lib/core/users";
import { generateKeys, parseKeys, withNewKey, withoutKey } from "@/lib/crypto/keys";
import { open } from "@/lib/crypto/seal";
import { toBase32 } from "@/lib/crypto/totp";
import { type Database, openDatabase } from "@/lib/db/client";
import { startEmbeddedDatabase } from "@/lib/db/embedded/start";
import { applyMigrations, readAppliedMigrations } from "@/lib/db/migrate";
import { readMigrationNames } from "@/lib/db/migration-files";
import { findProjectRoot } from "@/lib/db/project-root";
import { createDatabase } from "@/lib/db/testing/databases";
import { isDatabaseUnavailable } from "@/lib/db/unavailable";
import { runCommand, type Settings } from "./testing/process";

type Form = "embedded" | "postgresql";
type Row = Record<string, unknown>;
/** A data directory with keys and, on the PostgreSQL server, a database that has nothing in it. */
type Place = { settings: Settings; folder: string; remove(): Promise<void> };
/** A place whose database can be reached. */
type Open = { db: Database; connection: PoolConfig; close(): Promise<void> };

const keysText = generateKeys();
const keys = parseKeys(keysText);
const scratch = mkdtempSync(join(tmpdir(), "countersign-backups-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

async function makePlace(form: Form): Promise<Place> {
  const folder = mkdtempSync(join(tmpdir(), "countersign-cli-"));
  writeFileSync(join(folder, "keys.json"), keysText, { mode: 0o600 });
  const server = form === "postgresql" ? inject("connections").postgresql.connectionString : undefined;
  const database = server === undefined ? null : await createDatabase(server);
  return {
    folder,
    settings: { DATA_DIR: folder, ...(database ? { DATABASE_URL: database.url } : {}) },
    async remove() {
      await database?.drop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function openPlace({ settings, folder }: Place): Promise<Open> {
  const { DATABASE_URL: url } = settings;
  const embedded = url === undefined ? await startEmbeddedDatabase(folder, "serve") : null;
  const connection = embedded?.connection ?? { connectionString: url ?? "" };
  // Not as the service's connections are called: those keep a restore off.
  const patient = { connectionTimeoutMillis: 60_000, query_timeout: 60_000, application_name: "test" };
  const db = openDatabase({ ...connection, ...patient });
  return {
    db,
    connection,
    async close() {
      await db.$disconnect();
      await embedded?.stop();
    },
  };
}

async function withClient<T>(connection: PoolConfig, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client(connection);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** The embedded form lets nobody in while its files are copied, which a slow machine takes longer for than a request waits. */
function notWhileCopied(error: unknown): void {
  if (!isDatabaseUnavailable(error)) throw error;
}

/** Writes a backup of what is there now. */
async function backUp({ connection }: Open, name: string, by = keys): Promise<string> {
  const path = join(scratch, name);
  await withClient(connection, (client) =>
    pipeline(makeBackup(client, by, "0.0.0", NOON), createGzip(), createWriteStream(path)),
  );
  return path;
}

async function putBack(
  { connection }: Open,
  path: string,
  now: Date,
  { isReplacing = true, source = path, installedAt = NOON.toISOString() } = {},
): Promise<Restored> {
  const { header, proof } = await checkBackup(source, keys, await readMigrationNames());
  const checked = { header: { ...header, installedAt }, proof };
  return withClient(connection, (client) =>
    restoreBackup(client, { path, checked, keys, isReplacing, clock: () => now, actor: "test" }),
  );
}

/** All rows of a backup, by table, in one order. */
async function rowsIn(path: string): Promise<Record<string, Row[]>> {
  const tables: Record<string, string[]> = {};
  await readBackup(path, keys.ring, {
    header() {},
    rows({ table, rows }) {
      tables[table] = [...(tables[table] ?? []), ...rows];
    },
  });
  return Object.fromEntries(
    Object.entries(tables).map(([table, rows]) => [table, rows.sort().map((row) => JSON.parse(row))]),
  );
}

const linesOf = (path: string) => gunzipSync(readFileSync(path)).toString().trimEnd().split("\n");

/** A file like another one, with other lines. */
function written(name: string, lines: string[]): string {
  const path = join(scratch, name);
  writeFileSync(path, gzipSync(lines.map((line) => `${line}\n`).join("")));
  return path;
}

test("every table is kept by a backup, or left out for a reason", () => {
  const schema = readFileSync(join(findProjectRoot(), "prisma", "schema.prisma"), "utf8");
  const tables = [...schema.matchAll(/^ {2}@@map\("(\w+)"\)$/gm)].map(([, name]) => name);
  expect(tables.length).toBeGreaterThan(15);
  expect([...Object.keys(KEPT), ...Object.keys(LEFT_OUT)].sort()).toEqual(tables.sort());
});

describe.each(["embedded", "postgresql"] as const)("backups, on the %s form", (form) => {
  let first: Place & Open;
  /** An older backup, and what was true when it was made. */
  let older: Awaited<ReturnType<typeof makeOlder>>;

  beforeAll(async () => {
    const place = await makePlace(form);
    first = { ...place, ...(await openPlace(place)) };
    await applyMigrations(first.connection);
    await prepareInstallation(first.db, keys, NOON);
    await first.db.policy.updateMany({ data: { requiredFrom: NOON, graceDays: 3 } });
    older = await makeOlder();
  });
  afterAll(async () => {
    await first?.close();
    await first?.remove();
  });

  /** Another place than the one that the backup is of, until the test ends. */
  async function elsewhere(): Promise<Place> {
    const place = await makePlace(form);
    onTestFinished(place.remove);
    return place;
  }

  async function openElsewhere(place: Place): Promise<Open> {
    const open = await openPlace(place);
    onTestFinished(open.close);
    return open;
  }

  test("one made while people sign up shows a single moment, and others cannot read it", async () => {
    const { db, settings } = first;
    let isOver = false;
    const signUps = (async () => {
      for (let n = 0; !isOver; n += 1) {
        const ctx = contextOf(db, { keys });
        const person = { email: `${form}${n}@example.org`, name: null, passwordHash: "-", isAdmin: false };
        await db.$transaction((tx) => insertUser(ctx, tx, person)).catch(notWhileCopied);
      }
    })();
    const path = join(scratch, `${form}.backup`);
    const made = await runCommand(["backup", path, "--json"], settings);
    isOver = true;
    await signUps;
    expect(made).toMatchObject({ code: 0, stderr: "" });
    expect([statSync(path).mode & 0o777, existsSync(`${path}.new`)]).toEqual([0o600, false]);
    const rows = await rowsIn(path);
    const ids = (table: string, column: string) => (rows[table] ?? []).map((row) => row[column]).sort();
    const created = (rows.event ?? []).filter(({ kind }) => kind === "account.created");
    expect(ids("user", "id").length).toBeGreaterThan(1);
    expect(ids("factor_budget", "user_id")).toEqual(ids("user", "id"));
    expect(created.map((row) => row.user_id).sort()).toEqual(ids("user", "id"));
  });

  test("neither a file nor the database of a running server is written over", async () => {
    const { settings } = first;
    const again = await runCommand(["backup", older.path], settings);
    expect([again.code, again.stderr]).toEqual([1, expect.stringContaining("there already")]);
    const running = openDatabase(first.connection);
    try {
      await running.user.count();
      const refused = await runCommand(["restore", older.path, "--replace"], settings);
      const said = form === "embedded" ? "is in use by process" : "stop every one of them first";
      expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining(said)]);
    } finally {
      await running.$disconnect();
    }
  });

  test("an empty database becomes what the backup shows, and no number is given twice", async () => {
    const place = await elsewhere();
    const rows = await rowsIn(older.path);
    const restored = await runCommand(["restore", older.path, "--json"], place.settings);
    expect(restored).toMatchObject({ code: 0, stderr: "" });
    // The owner's and the administrator's.
    expect(JSON.parse(restored.stdout)).toMatchObject({ voidedCodes: 20 });
    const second = await openElsewhere(place);
    const { db } = second;
    await expectWhole(second.connection, { db, keys, now: new Date() }, "restored");
    const now = await rowsIn(await backUp(second, `${form}-restored.backup`));
    const added = now.event?.filter(({ kind }) => kind === "backup.restored");
    expect(added).toHaveLength(1);
    expect({ ...now, event: now.event?.filter((row) => !added?.includes(row)) }).toEqual({
      ...rows,
      recovery_code: rows.recovery_code?.map((row) => ({ ...row, used_at: expect.any(String) })),
      installation: rows.installation?.map((row) => ({ ...row, claimed_at: expect.any(String) })),
      totp_factor: rows.totp_factor?.map((row) => ({ ...row, last_step: expect.any(Number) })),
    });
    const { numbers } = JSON.parse(linesOf(older.path)[0] ?? "");
    const newcomer = { email: "new@example.org", name: null, passwordHash: "-", isAdmin: false };
    const id = await db.$transaction((tx) => insertUser(contextOf(db, { keys }), tx, newcomer));
    const { number } = await db.user.findUniqueOrThrow({ where: { id } });
    expect(number).toBeGreaterThan(numbers.user);
    expect(numbers.user).toBeGreaterThanOrEqual(
      Math.max(...(rows.user ?? []).map((row) => Number(row.number))),
    );
  });

  /** Everything that must not come back, and then a backup, and then its end. */
  async function makeOlder() {
    const { db } = first;
    const begun = contextOf(db, { keys });
    const person = await makeProtectedPerson(begun);
    const other = await makePerson(begun);
    const { email, phone, recoveryCodes, factorId, user } = person;
    const ctx = later(begun, 1800);
    const challengeToken = await beginChallenge(ctx, email);
    const admin = await makeProtectedPerson(ctx, { isAdmin: true });
    const signIn = { challengeToken, code: phone.code(ctx.now), trustBrowser: true };
    const { token, trust, browserToken } = await completeSignIn(ctx, signIn);
    const pending = await startTotpSetup(ctx, await reread(ctx, token));
    const asked = { email, name: "Script", scopes: ["2fa:read"], actor: "test" };
    const apiToken = (await createApiTokenFor(ctx, asked)).token;
    const challenge = await beginChallenge(ctx, email);
    await askForNewPassword(ctx, { email });
    const link = await mailedLink(ctx, email, "new_password_asked");
    const { sealedSecret } = await db.totpFactor.findUniqueOrThrow({ where: { id: factorId } });
    const secret = open(keys.ring, sealedSecret, totpBinding(user.id, factorId));
    // Neither has begun the grace of the policy in force: one was not there yet, the other's is of an earlier policy.
    const late = { email: `late-${email}`, password: PASSWORD };
    const { id: lateId } = await createUser(begun, late, "test");
    const graceOfOther = { where: { userId: other.user.id }, data: { startedAt: later(begun, -60).now } };
    await db.gracePeriod.update(graceOfOther);
    const path = await backUp(first, `${form}-older.backup`);

    const after = later(ctx, 120);
    const spent = phone.code(after.now);
    await completeSignIn(after, { challengeToken: await beginChallenge(after, email), code: spent });
    const [usedCode = "", unusedCode = ""] = recoveryCodes;
    await completeSignIn(after, { challengeToken: await beginChallenge(after, email), code: usedCode });
    for (const each of [late.email, other.email])
      await beginSignIn(after, { email: each, password: PASSWORD });
    await disableUser(after, admin.signedIn, { userId: other.user.id, reason: "test" });
    const failures = [ctx.now, after.now];
    await db.factorBudget.update({ where: { userId: user.id }, data: { failures } });
    const trustToken = trust?.token ?? "";
    const tokens = { token, apiToken, challenge, link, trustToken, browserToken, pending: pending.id };
    return {
      ...tokens,
      path,
      after,
      email,
      phone,
      secret,
      spent,
      usedCode,
      unusedCode,
      recoveryCodes,
      other,
      lateId,
    };
  }

  /** Tries everything that a backup might have brought back. */
  async function expectNothingRevived({ db }: Open): Promise<Context> {
    const { after, email, phone, token, apiToken, challenge, link, trustToken, spent, usedCode } = older;
    const ctx = { ...after, db };
    expect(await readSession(ctx, token)).toBeNull();
    expect(await readApiToken(ctx, apiToken)).toBeNull();
    expect(await readPasswordLink(ctx, link)).toBeNull();
    const code = phone.codeAt(ctx.now, 1);
    await expectRefusal(completeSignIn(ctx, { challengeToken: challenge, code }), "challenge_expired");
    const begun = await beginSignIn({ ...ctx, trustToken }, { email, password: PASSWORD });
    if (begun.kind !== "challenge") throw new Error("nothing but the password was proven");
    // The newest code that a phone with a fast clock may have shown is refused as well.
    for (const each of [spent, code, usedCode])
      await expectRefusal(completeSignIn(ctx, { challengeToken: begun.token, code: each }), "invalid_code");
    expect(await db.totpFactor.count({ where: { confirmedAt: null } })).toBe(0);
    return ctx;
  }

  test("an older backup revives nothing in the database that it was made of", async () => {
    const { path, after, email, other, unusedCode, phone } = older;
    const before = await rowsIn(await backUp(first, `${form}-before.backup`));
    const { voidedCodes } = await putBack(first, path, later(after, 1).now);
    // That database knows which ones are unused.
    expect(voidedCodes).toBe(0);
    const { db } = first;
    await expectWhole(first.connection, { ...after, db }, "restored");
    for (const table of Object.keys(LEFT_OUT))
      expect(await db.$queryRawUnsafe(`SELECT 1 FROM "${table}"`), table).toEqual([]);
    // What happened since is in the trail still, and what limits guesses goes on.
    const now = await rowsIn(await backUp(first, `${form}-after.backup`));
    const trail = now.event?.filter(({ kind }) => kind !== "backup.restored");
    const ids = new Set(now.user?.map(({ id }) => id));
    const budgets = before.factor_budget?.filter((row) => ids.has(row.user_id));
    expect([trail, now.factor_budget, now.address_budget]).toEqual([
      before.event,
      budgets,
      before.address_budget,
    ]);
    const ctx = await expectNothingRevived(first);
    await expectRefusal(beginSignIn(ctx, { email: other.email, password: PASSWORD }), "invalid_credentials");
    const challengeToken = await beginChallenge(ctx, email);
    expect(await completeSignIn(ctx, { challengeToken, code: unusedCode })).toMatchObject({
      factor: "recovery",
    });
    const soon = later(ctx, 90);
    const again = { challengeToken: await beginChallenge(soon, email), code: phone.codeAt(soon.now, 0) };
    expect(await completeSignIn(soon, again)).toMatchObject({ factor: "totp" });
  });

  test("a grace period that began since the backup goes on and does not begin anew", async () => {
    const { path, after, other, lateId } = older;
    await putBack(first, path, later(after, 1).now);
    const where = { userId: { in: [other.user.id, lateId] } };
    const graces = await first.db.gracePeriod.findMany({ where, select: { startedAt: true } });
    expect(graces).toEqual([{ startedAt: after.now }, { startedAt: after.now }]);
  });

  test("an older backup revives nothing in a database that does not know what was spent, and two-factor sign-in is on", async () => {
    const { path, after, email, recoveryCodes, phone } = older;
    const second = await openElsewhere(await elsewhere());
    await applyMigrations(second.connection);
    expect((await putBack(second, path, later(after, 1).now)).voidedCodes).toBe(20);
    await expectWhole(second.connection, { ...after, db: second.db }, "restored");
    const ctx = await expectNothingRevived(second);
    const challengeToken = await beginChallenge(later(ctx, 60), email);
    for (const code of recoveryCodes.slice(0, 2))
      await expectRefusal(completeSignIn(later(ctx, 60), { challengeToken, code }), "invalid_code");
    // Behind the wait that the guesses above brought.
    const soon = later(ctx, 300);
    const again = { challengeToken: await beginChallenge(soon, email), code: phone.codeAt(soon.now, 0) };
    const { token } = await completeSignIn(soon, again);
    expect((await reread(soon, token)).twoFactor).toEqual({ isOn: true, recoveryCodesLeft: 0 });
    await expectWhole(second.connection, { ...soon, db: second.db }, "restored and used");
  });

  test("a refused restore changes nothing", async () => {
    const { path, after } = older;
    const kept = await backUp(first, `${form}-kept.backup`);
    const before = await rowsIn(kept);
    const lines = linesOf(path);
    const changed = written(
      `${form}-changed.backup`,
      lines.map((line) => line.replace('"is_admin":false', '"is_admin":true')),
    );
    const cut = written(`${form}-cut.backup`, lines.slice(0, -1));
    const at = after.now;
    // As if each had been changed after it was looked at. The second one is as good as that which was.
    await expect(putBack(first, changed, at, { source: path })).rejects.toThrow("its proof is not right");
    await expect(putBack(first, kept, at, { source: path })).rejects.toThrow("another backup than a moment");
    await expect(putBack(first, cut, at, { source: path })).rejects.toThrow("cut off");
    await expect(putBack(first, path, at, { isReplacing: false })).rejects.toThrow("add --replace");
    const other = { installedAt: after.now.toISOString() };
    await expect(putBack(first, path, at, other)).rejects.toThrow("another installation");
    expect(await rowsIn(await backUp(first, `${form}-same.backup`))).toEqual(before);
  });

  test("a backup has no password, code, secret, token or key in the clear", () => {
    const text = linesOf(older.path).join("\n");
    const { secret, recoveryCodes, token, apiToken, challenge, link, trustToken, browserToken } = older;
    const secrets = [
      PASSWORD,
      toBase32(secret),
      ...(["hex", "base64", "base64url"] as const).map((form) => secret.toString(form)),
      ...recoveryCodes.flatMap((code) => [code, code.replaceAll("-", "")]),
      ...[token, apiToken, challenge, link, browserToken ?? "", ...trustToken.split(".")],
      ...Object.values(JSON.parse(keysText) as Record<string, string>).map((key) => key.replace("k1:", "")),
    ];
    for (const each of secrets) {
      expect(each.length).toBeGreaterThan(10);
      expect(text.includes(each), each).toBe(false);
    }
  });

  test("a file that is cut off, changed, foreign or newer is refused, and so are keys that do not open it", async () => {
    const { path } = older;
    const known = await readMigrationNames();
    const lines = linesOf(path);
    const [head = "", ...rest] = lines;
    const bytes = readFileSync(path);
    const half = join(scratch, `${form}-half`);
    writeFileSync(half, bytes.subarray(0, bytes.length / 2));
    const text = join(scratch, `${form}-text`);
    writeFileSync(text, lines.join("\n"));
    const withHead = (change: object) => [JSON.stringify({ ...JSON.parse(head), ...change }), ...rest];
    const user = lines.findIndex((line) => line.includes('"password_hash"'));
    const refused: [string, string][] = [
      [half, "is cut off"],
      [text, "is no backup, or is damaged"],
      [written(`${form}-no-end`, lines.slice(0, -1)), "is cut off"],
      [written(`${form}-fewer`, lines.toSpliced(user, 1)), "its proof is not right"],
      [written(`${form}-touched`, lines.with(user, `${lines[user]} `)), "its proof is not right"],
      [written(`${form}-longer`, [...lines, "{}"]), "goes on behind its end"],
      [written(`${form}-other`, ['{"a":1}', ...rest]), "is no backup of Countersign"],
      [written(`${form}-newer`, withHead({ format: 2 })), "newer version"],
      [written(`${form}-unknown`, withHead({ migrations: [...known, "29990101_later"] })), "another version"],
      [written(`${form}-keyless`, withHead({ keys: ["k1", "k7"] })), "k7"],
      [written(`${form}-proven`, withHead({ provenBy: "k8" })), "k8"],
    ];
    for (const [file, said] of refused) await expect(checkBackup(file, keys, known)).rejects.toThrow(said);
    const foreign = parseKeys(generateKeys());
    await expect(checkBackup(path, foreign, known)).rejects.toThrow("do not open the backup");
    expect((await checkBackup(path, keys, known)).header.keys).toEqual(["k1"]);
  });

  test("who can write the file but has not the keys makes none that is taken, whatever sum it ends with", async () => {
    const known = await readMigrationNames();
    const lines = linesOf(older.path).map((line) => line.replace('"is_admin":false', '"is_admin":true'));
    const [counts] = JSON.parse(lines.pop() ?? "");
    const text = lines.map((line) => `${line}\n`).join("");
    const endingWith = (proof: Hash | Hmac) =>
      written(`${form}-made`, [...lines, JSON.stringify([counts, proof.update(text).digest("hex")])]);
    const foreign = parseKeys(generateKeys());
    for (const proof of [createHash("sha256"), proofOf(foreign.ring, "k1")])
      await expect(checkBackup(endingWith(proof), keys, known)).rejects.toThrow("its proof is not right");
    const ours = await checkBackup(endingWith(proofOf(keys.ring, "k1")), keys, known);
    expect(ours.header.provenBy).toBe("k1");
  });

  test("keys that were changed since open a backup as long as its own is among them, and foreign ones make none", async () => {
    const known = await readMigrationNames();
    const changedText = withNewKey(keysText).text;
    const changed = parseKeys(changedText);
    expect((await checkBackup(older.path, changed, known)).header.keys).toEqual(["k1"]);
    const path = await backUp(first, `${form}-changed-keys.backup`, changed);
    expect((await checkBackup(path, changed, known)).header.provenBy).toBe("k2");
    await expect(checkBackup(path, keys, known)).rejects.toThrow("keys that are not there: k2");
    await expect(checkBackup(path, parseKeys(withoutKey(changedText, "k1")), known)).rejects.toThrow(
      "keys that are not there: k1",
    );
    const foreign = parseKeys(generateKeys());
    await expect(backUp(first, `${form}-foreign.backup`, foreign)).rejects.toThrow("made with other ones");
  });
});

test("what one command writes to standard output, the other puts back from standard input", async () => {
  const [from, to] = [await makePlace("postgresql"), await makePlace("postgresql")];
  try {
    const person = ["user", "create", "--email", "ada@example.org", "--password-stdin"];
    expect(await runCommand(person, from.settings, PASSWORD)).toMatchObject({ code: 0 });
    const piped = '"$0" backup - | DATABASE_URL="$1" "$0" restore - --json';
    const launcher = join(findProjectRoot(), "bin", "countersign");
    const args = ["-c", piped, launcher, to.settings.DATABASE_URL ?? ""];
    const env = { NODE_ENV: "production", PATH: process.env.PATH, ...from.settings } as const;
    expect(JSON.parse(execFileSync("sh", args, { env, encoding: "utf8" }))).toMatchObject({
      rows: { user: 1 },
    });
  } finally {
    await Promise.all([from.remove(), to.remove()]);
  }
});

test("a backup of an older version is brought up to date in a new database; a refused one migrates nothing", async () => {
  const [from, to] = [await makePlace("postgresql"), await makePlace("postgresql")];
  const source = await openPlace(from);
  try {
    const known = await readMigrationNames();
    await applyMigrations(source.connection, known.at(-2));
    await prepareInstallation(source.db, keys, NOON);
    const ctx = contextOf(source.db, { keys });
    const person = { email: `${newId(NOON)}@example.org`, name: null, passwordHash: "-", isAdmin: true };
    await source.db.$transaction((tx) => insertUser(ctx, tx, person));
    const path = await backUp(source, "old.backup");
    expect(await runCommand(["restore", path, "--json"], to.settings)).toMatchObject({ code: 0, stderr: "" });
    const target = await openPlace(to);
    const users = await target.db.user.findMany({ include: { totpFactors: true } });
    await target.close();
    expect(users).toMatchObject([{ email: person.email, isAdmin: true, totpFactors: [] }]);
    const { code, stderr } = await runCommand(["restore", path, "--replace"], to.settings);
    expect([code, stderr]).toEqual([1, expect.stringContaining("is of an older version")]);

    // The other way round: what is refused leaves even the migrations of an older database as they were.
    const current = await openPlace(to);
    const newer = await backUp(current, "new.backup");
    await current.close();
    const refuse = async (said: string, ...more: string[]) => {
      const refused = await runCommand(["restore", newer, ...more], from.settings);
      expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining(said)]);
      expect(await readAppliedMigrations(source.connection)).toEqual(known.slice(0, -1));
    };
    await refuse("add --replace");
    const running = openDatabase(source.connection);
    await running.user.count();
    await refuse("stop every one of them first", "--replace").finally(() => running.$disconnect());
    await source.db.installation.updateMany({ data: { createdAt: later(ctx, 1).now } });
    await refuse("another installation", "--replace");
  } finally {
    await source.close();
    await Promise.all([from.remove(), to.remove()]);
  }
});
