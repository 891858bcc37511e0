import { randomBytes } from "node:crypto";
import type { Context } from "@/lib/core/context";
import { confirmTotp } from "@/lib/core/factors/confirm-totp";
import { startTotpSetup } from "@/lib/core/factors/totp";
import { readSession, type SignedIn } from "@/lib/core/sessions";
import { beginSignIn } from "@/lib/core/sign-in";
import { Phone } from "@/lib/core/testing/phone";
import { createUser } from "@/lib/core/users";
import type { Keys } from "@/lib/crypto/keys";
import type { Database } from "@/lib/db/client";

export const PASSWORD = "correct horse battery";

/** An account with a password alone, and a session of it. */
export type Person = { id: string; email: string; token: string };

/** An account with two-factor sign-in on. Its phone has the codes of two steps to give before it must wait. */
export type ProtectedPerson = Person & { phone: Phone; factorId: string; recoveryCodes: string[] };

/**
 * Some minutes ago: what was set up then leaves the codes of all steps around now unused, and a proof given then is still
 * fresh.
 */
const MADE_AGO_MS = 240_000;

/** A caller of the core from an address. */
export function contextOf(db: Database, keys: Keys, address: string, now: Date): Context {
  return {
    db,
    keys,
    settings: {
      issuer: "Countersign",
      signUp: "open",
      rateLimitAddress: false,
      sessionIdleMinutes: 60,
      sessionMaxHours: 24,
      emailCodes: true,
    },
    now,
    address,
    userAgent: "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0",
    via: "pages",
    browserToken: null,
    trustToken: null,
    keepsCookies: true,
    keptToken: null,
  };
}

/** An e-mail address that nobody has. */
export function freshEmail(): string {
  return `p${randomBytes(8).toString("hex")}@example.org`;
}

/** Makes an account with a password alone. */
export async function makePerson(db: Database, keys: Keys, address: string): Promise<Person> {
  const ctx = contextOf(db, keys, address, new Date(Date.now() - MADE_AGO_MS));
  return (await makeSignedIn(ctx)).person;
}

/** Makes an account with an authenticator and recovery codes that were never shown again. */
export async function makeProtectedPerson(
  db: Database,
  keys: Keys,
  address: string,
  isAdmin = false,
): Promise<ProtectedPerson> {
  const ctx = contextOf(db, keys, address, new Date(Date.now() - MADE_AGO_MS));
  const { person, signedIn } = await makeSignedIn(ctx);
  const pending = await startTotpSetup(ctx, signedIn, { name: "Phone" });
  const phone = new Phone(pending.uri);
  const { token, recoveryCodes } = await confirmTotp(ctx, signedIn, { code: phone.code(ctx.now) });
  await db.recoveryReveal.deleteMany({ where: { userId: person.id } });
  if (isAdmin) await db.user.update({ where: { id: person.id }, data: { isAdmin } });
  return { ...person, token, phone, factorId: pending.id, recoveryCodes: recoveryCodes ?? [] };
}

/** As if codes had failed for an account just now: so many, with a wait of so many milliseconds still to go. */
export async function failCodes(db: Database, { id }: Person, count: number, waitMs: number): Promise<void> {
  const now = Date.now();
  const data = { failures: Array(count).fill(new Date(now)), waitUntil: new Date(now + waitMs) };
  await db.factorBudget.update({ where: { userId: id }, data });
}

async function makeSignedIn(ctx: Context): Promise<{ person: Person; signedIn: SignedIn }> {
  const email = freshEmail();
  const { id } = await createUser(ctx, { email, password: PASSWORD }, "test");
  const begun = await beginSignIn(ctx, { email, password: PASSWORD });
  const signedIn = begun.kind === "session" ? await readSession(ctx, begun.token) : null;
  if (begun.kind !== "session" || !signedIn) throw new Error("a password alone should do here");
  return { person: { id, email, token: begun.token }, signedIn };
}

/** Removes accounts and what hangs on them. What happened stays in the audit trail, which nobody can change. */
export async function removePeople(db: Database, emails: string[]): Promise<void> {
  await db.mail.deleteMany({ where: { recipient: { in: emails } } });
  await db.user.deleteMany({ where: { email: { in: emails } } });
}
