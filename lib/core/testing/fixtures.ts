import { randomInt } from "node:crypto";
import { afterAll, expect } from "vitest";
import { generateKeys, parseKeys } from "@/lib/crypto/keys";
import { openTestDatabase } from "@/lib/db/testing/test-database";
import type { Context } from "../context";
import { confirmTotp } from "../factors/confirm-totp";
import { startTotpSetup } from "../factors/totp";
import { newId } from "../ids";
import type { MailKind } from "../mail-queue";
import { mailedCode, mailLinkToken } from "../mail-secrets";
import { type Refusal, type RefusalCode, Refused } from "../refusals";
import { readSession, type SignedIn } from "../sessions";
import { beginSignIn } from "../sign-in";
import { createUser } from "../users";
import { Phone } from "./phone";

export const PASSWORD = "correct horse battery";
const keys = parseKeys(generateKeys());
/** Each file begins somewhere else: they share the database, and addresses have limits. */
let addresses = randomInt(2 ** 24);

/** A moment on a step's first second, so that ±29 s and ±61 s mean what they say. */
export const NOON = new Date("2030-06-01T12:00:00Z");

/** This file's database, closed after its last test. */
export function testDatabase() {
  const db = openTestDatabase();
  afterAll(() => db.$disconnect());
  return db;
}

/** A caller with a clock of its own and an address nobody else has. */
export function contextOf(db: Context["db"], change: Partial<Context> = {}): Context {
  addresses += 1;
  return {
    db,
    keys,
    settings: {
      issuer: "Countersign",
      signUp: "open",
      rateLimitAddress: true,
      sessionIdleMinutes: 60,
      sessionMaxHours: 24,
      emailCodes: true,
    },
    now: NOON,
    address: `10.${Math.floor(addresses / 65536) % 256}.${Math.floor(addresses / 256) % 256}.${addresses % 256}`,
    userAgent: "Test",
    via: "pages",
    browserToken: null,
    trustToken: null,
    keepsCookies: true,
    keptToken: null,
    ...change,
  };
}

/** The same caller so much later. */
export function later(ctx: Context, seconds: number): Context {
  return { ...ctx, now: new Date(ctx.now.getTime() + seconds * 1000) };
}

/** The same caller from another address, without the browser's cookie. */
export function elsewhere(ctx: Context): Context {
  return { ...contextOf(ctx.db), now: ctx.now };
}

/** An account with a password alone, and a session of it. */
export async function makePerson(ctx: Context, options: { isAdmin?: boolean } = {}) {
  const email = `${newId(ctx.now).toLowerCase()}${Math.random().toString(36).slice(2)}@example.org`;
  const user = await createUser(ctx, { email, password: PASSWORD }, "test");
  // Not through createUser: that would claim the one installation, which is installation.test.ts's.
  if (options.isAdmin) await ctx.db.user.update({ where: { id: user.id }, data: { isAdmin: true } });
  const begun = await beginSignIn(ctx, { email, password: PASSWORD });
  if (begun.kind !== "session") throw new Error("a password alone should do here");
  return { email, user, token: begun.token, signedIn: await reread(ctx, begun.token) };
}

/** The session a token names, which must be live. */
export async function reread(ctx: Context, token: string): Promise<SignedIn> {
  const signedIn = await readSession(ctx, token);
  if (!signedIn) throw new Error("this session should be live");
  return signedIn;
}

/** An account with two-factor sign-in on, its phone and recovery codes, and a session in which it was turned on. */
export async function makeProtectedPerson(ctx: Context, options: { isAdmin?: boolean } = {}) {
  const person = await makePerson(ctx, options);
  const pending = await startTotpSetup(ctx, person.signedIn);
  const phone = new Phone(pending.uri);
  const confirmed = await confirmTotp(ctx, person.signedIn, { code: phone.code(ctx.now) });
  const signedIn = await reread(ctx, confirmed.token);
  return {
    ...person,
    phone,
    factorId: pending.id,
    recoveryCodes: confirmed.recoveryCodes ?? [],
    token: confirmed.token,
    signedIn,
  };
}

/** What the newest mail of these kinds to an address says of the row that it is about. */
async function mailDetails(ctx: Context, recipient: string, kinds: MailKind[]) {
  const where = { recipient, kind: { in: kinds } };
  const { details } = await ctx.db.mail.findFirstOrThrow({ where, orderBy: { id: "desc" } });
  // As lib/core/mail-queue.ts was given them.
  return details as { linkId?: string; codeId?: string };
}

/** The token of the newest link that was mailed to an address. */
export async function mailedLink(ctx: Context, recipient: string, ...kinds: MailKind[]): Promise<string> {
  return mailLinkToken(ctx.keys, (await mailDetails(ctx, recipient, kinds)).linkId ?? "");
}

/** The newest code that was mailed to an address, for a sign-in or within a session. */
export async function newestCode(ctx: Context, recipient: string): Promise<string> {
  return mailedCode(ctx.keys, (await mailDetails(ctx, recipient, ["sign_in_code", "own_code"])).codeId ?? "");
}

/** Signs in as far as the challenge. */
export async function beginChallenge(ctx: Context, email: string): Promise<string> {
  const begun = await beginSignIn(ctx, { email, password: PASSWORD });
  if (begun.kind !== "challenge") throw new Error("a second factor should be owed");
  return begun.token;
}

/** What a use case refused, which it must. */
export async function refusalOf(result: Promise<unknown>): Promise<Refusal> {
  try {
    await result;
  } catch (error) {
    if (error instanceof Refused) return error.refusal;
    throw error;
  }
  throw new Error("this should have been refused");
}

/** Expects a refusal with a code. */
export async function expectRefusal(result: Promise<unknown>, code: RefusalCode): Promise<void> {
  expect((await refusalOf(result)).code).toBe(code);
}

/** Puts a policy in force, or takes it away, as if an administrator had. The file needs a database of its own. */
export async function setPolicy(db: Context["db"], requiredFrom: Date | null, graceDays = 7): Promise<void> {
  await db.policy.updateMany({ data: { requiredFrom, graceDays } });
}
