import { randomBytes } from "node:crypto";
import type { Acting, CallerState } from "@/lib/core/access/guard";
import { SCOPES } from "@/lib/core/access/scopes";
import { makeUser } from "@/lib/core/admin/make-user";
import { createApiTokenFor } from "@/lib/core/api-tokens";
import type { Context } from "@/lib/core/context";
import { provisionTotp } from "@/lib/core/factors/provisioned-totp";
import { startTotpSetup } from "@/lib/core/factors/totp";
import { newId } from "@/lib/core/ids";
import { prepareInstallation, setUpToken } from "@/lib/core/installation";
import { LIMITS } from "@/lib/core/limits";
import { mailOwnCode, mailSignInCode } from "@/lib/core/mailed-code";
import { endSession } from "@/lib/core/sessions";
import {
  beginChallenge,
  contextOf,
  later,
  makePerson,
  makeProtectedPerson,
  NOON,
  newestCode,
  PASSWORD,
  reread,
  setPolicy,
} from "@/lib/core/testing/fixtures";
import { Phone } from "@/lib/core/testing/phone";
import { createUser } from "@/lib/core/users";
import type { Someone } from "@/lib/dialects/testing/askers";

/** A column of the access matrix as its file has it: the guard takes a revoked session for nobody. */
export type State = CallerState | "REVOKED";

/** The columns, those of policy last: it holds for everybody. */
export const STATES = [
  "ANON",
  "PART",
  "FULL0",
  "FULL2",
  "STALE",
  "ADMIN",
  "ADM_STALE",
  "REVOKED",
  "TOK-",
  "TOK+",
  "ENROL",
] as const satisfies readonly State[];

/** How long ago the factor or the password was proven: lately, or too long ago. */
const FRESH_SECONDS = 120;
const STALE_SECONDS = LIMITS.stepUp.freshSeconds + 60;

/** Whoever makes what waits for others: a program with every scope. */
type Program = Extract<Acting, { token: unknown }>;

/**
 * Somebody in a state, with something of each kind that can be acted on, of their own and of others. `values` has what forms and
 * requests say of it. Nobody else may use the database meanwhile: policy is one for all.
 */
export async function makeCaller(db: Context["db"], state: State): Promise<Someone> {
  await setPolicy(db, null);
  const first = contextOf(db);
  // All come from one address here, hundreds of times; what that limits is other tests'.
  const start = { ...first, settings: { ...first.settings, rateLimitAddress: false } };
  const ctx = later(start, state.endsWith("STALE") ? STALE_SECONDS : FRESH_SECONDS);
  const isProtected = state !== "ENROL" && state !== "FULL0";
  const options = { isAdmin: /^(?:ADM|TOK)/.test(state) };
  const person: Person = await (isProtected ? makeProtectedPerson : makePerson)(start, options);
  const asked = { email: person.email, name: "Script", scopes: ["2fa:read"], days: 1, actor: "test" };
  const { id: tokenId, token } = await createApiTokenFor(start, asked);
  const program = programOf(person, tokenId);
  const values = {
    ...(await othersValues(start, person, program)),
    ...(await ownValues(start, person, program)),
  };
  // Whom policy lets remove no last one has another.
  if (options.isAdmin) await makeLive(start, program, person.user.id);
  // Others have an account, so somebody has claimed the installation.
  await db.installation.updateMany({ data: { claimedAt: state === "ANON" ? null : NOON } });
  const pending = await startTotpSetup(start, person.signedIn);
  const pendingCode = new Phone(pending.uri).code(ctx.now);
  const caller: Someone = {
    ctx,
    userId: person.user.id,
    session: person.token,
    challenge: "",
    trust: "",
    apiToken: "",
    values: {
      ...values,
      "<token>": token,
      "<token id>": tokenId,
      "<TOTP id>": person.factorId ?? pending.id,
      "<recovery code>": person.recoveryCodes?.[0] ?? "",
      "<code>": person.phone?.code(ctx.now) ?? pendingCode,
      "<pending code>": pendingCode,
      "<pending id>": pending.id,
      "<mailed code>": "000000",
    },
  };
  switch (state) {
    case "ANON":
      return { ...caller, session: "" };
    case "PART": {
      const before = later(ctx, -LIMITS.mailedCode.resendSeconds);
      const challenge = await beginChallenge(before, person.email);
      await mailSignInCode(before, { challengeToken: challenge });
      const { id } = await db.challenge.findFirstOrThrow({ where: { userId: person.user.id } });
      const owed = {
        "<mailed code>": await newestCode(before, person.email),
        "<temp token>": challenge,
        "<session id>": id,
        "<challenge's token>": `challenge.${id}.${challenge}`,
      };
      return { ...caller, session: "", challenge, values: { ...caller.values, ...owed } };
    }
    case "REVOKED":
      await endSession(start, person.token);
      return caller;
    case "TOK-":
    case "TOK+":
      return { ...caller, session: "", apiToken: token };
    case "ENROL":
      await setPolicy(db, NOON, 0);
      return caller;
    case "FULL2":
    case "STALE": {
      const before = later(ctx, -LIMITS.mailedCode.resendSeconds);
      await mailOwnCode(before, await reread(before, person.token));
      return {
        ...caller,
        values: { ...caller.values, "<mailed code>": await newestCode(before, person.email) },
      };
    }
    default:
      return caller;
  }
}

/** With an authenticator and recovery codes, or without. */
type Person = Awaited<ReturnType<typeof makePerson>> &
  Partial<Pick<Awaited<ReturnType<typeof makeProtectedPerson>>, "phone" | "factorId" | "recoveryCodes">>;

/** What somebody has besides live authenticators: another browser, a trusted one, an authenticator that waits. */
async function ownValues(ctx: Context, { email, user, signedIn, token: session }: Person, program: Program) {
  const { db, now, address } = ctx;
  const { id: userId } = user;
  await db.user.update({ where: { id: userId }, data: { emailVerifiedAt: now } });
  const expiresAt = later(ctx, 86_400).now;
  const other = await makeSession(ctx, userId);
  const trusted = await db.trustedBrowser.create({
    data: {
      id: newId(now),
      userId,
      tokenHash: new Uint8Array(randomBytes(32)),
      createdAt: now,
      lastUsedAt: now,
      expiresAt,
      address,
      userAgent: "Test",
    },
  });
  const waiting = await provisionTotp(ctx, program, { userId, name: "Waiting" });
  return {
    "<email>": email,
    "<session>": session,
    "<user id>": userId,
    "<own number>": String(user.number),
    "<session id>": signedIn.session.id,
    "<other session>": other.id,
    "<trusted>": trusted.id,
    "<device number>": String(
      (await db.totpFactor.findFirst({ where: { userId, confirmedAt: { not: null } } }))?.number ?? 0,
    ),
    "<waiting id>": waiting.id,
    "<waiting number>": String(waiting.number),
    "<waiting code>": new Phone(waiting.uri).code(later(ctx, FRESH_SECONDS).now),
    "<password>": PASSWORD,
    "<new password>": `${PASSWORD}!`,
    "<new email>": `new.${email}`,
    "<set-up token>": setUpToken(ctx.keys, await prepareInstallation(db, ctx.keys, now)),
  };
}

/** Other people's: one with authenticators, one who is disabled, one who was invited. */
async function othersValues(ctx: Context, { email }: Person, program: Program) {
  const { db, now } = ctx;
  const make = (name: string) => createUser(ctx, { email: `${name}.${email}`, password: PASSWORD }, "test");
  const other = await make("other");
  const live = await makeLive(ctx, program, other.id);
  await makeSession(ctx, other.id);
  // Which code it is makes no difference to whoever resets them.
  const code = { id: newId(now), userId: other.id, selector: "AAAAA", hash: "", createdAt: now };
  await db.recoveryCode.create({ data: code });
  const waiting = await provisionTotp(ctx, program, { userId: other.id, name: "Waiting" });
  const disabled = await make("disabled");
  await db.user.update({ where: { id: disabled.id }, data: { disabledAt: now } });
  const invited = await makeUser(ctx, program, { email: `invited.${email}`, name: null });
  return {
    "<other id>": other.id,
    "<other number>": String(other.number),
    "<other device id>": live.id,
    "<other device number>": String(live.number),
    "<other waiting id>": waiting.id,
    "<other waiting code>": new Phone(waiting.uri).code(later(ctx, FRESH_SECONDS).now),
    "<disabled id>": disabled.id,
    "<invited id>": invited.id,
  };
}

/** An authenticator that counts. */
async function makeLive(ctx: Context, program: Program, userId: string) {
  const live = await provisionTotp(ctx, program, { userId, name: "Live" });
  const data = { confirmedAt: ctx.now, provisionedBy: null };
  await ctx.db.totpFactor.update({ where: { id: live.id }, data });
  return live;
}

/** Another session, which nobody holds the token of. */
function makeSession({ db, now, address }: Context, userId: string) {
  const expiresAt = new Date(now.getTime() + 86_400_000);
  const tokenHash = new Uint8Array(randomBytes(32));
  const moments = { createdAt: now, lastSeenAt: now, passwordProvenAt: now, expiresAt };
  return db.session.create({
    data: { ...moments, id: newId(now), userId, tokenHash, address, userAgent: "Test" },
  });
}

/** Somebody's program, as if it were an administrator's with every scope. */
function programOf({ signedIn: { user, twoFactor } }: Person, id: string): Program {
  const token = { id, name: "Script", scopes: SCOPES, expiresAt: user.createdAt };
  return { token, user: { ...user, isAdmin: true }, twoFactor };
}
