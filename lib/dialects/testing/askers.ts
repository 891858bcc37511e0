import { completeSignIn } from "@/lib/core/challenges";
import type { Context } from "@/lib/core/context";
import { startTotpSetup } from "@/lib/core/factors/totp";
import { newId } from "@/lib/core/ids";
import { LIMITS } from "@/lib/core/limits";
import { mailOwnCode, mailSignInCode } from "@/lib/core/mailed-code";
import { beginSignIn } from "@/lib/core/sign-in";
import {
  beginChallenge,
  contextOf,
  elsewhere,
  later,
  makePerson,
  makeProtectedPerson,
  newestCode,
  PASSWORD,
  reread,
} from "@/lib/core/testing/fixtures";
import { Phone } from "@/lib/core/testing/phone";
import { addressKey } from "@/lib/core/try-budget";
import { changePassword } from "@/lib/core/users";
import { fillAddress } from "../addresses";
import type { Asker, Case } from "../cases";
import type { Dialect } from "../dialect";
import { becomeTokenHolder, isTokenAsker } from "./token-askers";

/** Somebody in a situation that a case names, and what they hold. What they do not have is "". */
export type Someone = {
  ctx: Context;
  userId: string;
  session: string;
  challenge: string;
  trust: string;
  apiToken: string;
  /** What a case's names stand for. */
  values: Record<string, string>;
};

/** How long ago the second factor, or the password, was proven. */
const MINUTES: Partial<Record<Asker, number>> = {
  stale: 11,
  "stale and mailed": 11,
  "owed for long": 6,
  away: 120,
};

/** Makes somebody who is in such a situation. */
export async function become(db: Context["db"], who: Asker): Promise<Someone> {
  const start = contextOf(db);
  const nobody = { ctx: start, userId: "", session: "", challenge: "", trust: "", apiToken: "" };
  const values = {
    "<new email>": `new${start.address}${Math.random().toString(36).slice(2)}@example.org`,
    "<password>": PASSWORD,
    "<new password>": `${PASSWORD}!`,
    "<wrong code>": "000000",
    "<wrong code, quoted>": '"000000"',
    "<nobody's id>": newId(start.now),
    // Where somebody is none, or has none.
    "<user id>": newId(start.now),
    "<TOTP id>": newId(start.now),
    "<session id>": newId(start.now),
    "<challenge's token>": "",
  };
  if (who === "nobody") return { ...nobody, values };
  if (isTokenAsker(who)) return becomeTokenHolder({ ...nobody, values }, who);
  if (who === "person" || who === "stale person" || who === "setting up" || who === "due")
    return becomeUnprotected(nobody, who, values);
  return becomeProtected(nobody, who, values);
}

async function becomeUnprotected(nobody: Omit<Someone, "values">, who: Asker, values: Someone["values"]) {
  const { ctx } = nobody;
  const { email, user, token, signedIn } = await makePerson(ctx, { isAdmin: who === "due" });
  const pending = who === "setting up" ? await startTotpSetup(ctx, signedIn) : null;
  const codes = pending ? { ...codesOf(new Phone(pending.uri), ctx), "<TOTP id>": pending.id } : {};
  const ids = { "<user id>": user.id, "<session id>": signedIn.session.id };
  const named = { ...values, ...ids, ...codes, "<email>": email, "<token>": token };
  const then = who === "stale person" ? later(ctx, 660) : ctx;
  return { ...nobody, ctx: then, userId: user.id, session: token, values: named };
}

async function becomeProtected(
  nobody: Omit<Someone, "values">,
  who: Asker,
  values: Someone["values"],
): Promise<Someone> {
  const start = nobody.ctx;
  const person = await makeProtectedPerson(start);
  const { email, user, phone } = person;
  const ctx = later(start, 60 * (1 + (MINUTES[who] ?? 0)));
  const owner: Someone = {
    ...nobody,
    ctx,
    userId: user.id,
    session: person.token,
    values: {
      ...values,
      ...codesOf(phone, ctx),
      "<email>": email,
      "<token>": person.token,
      "<recovery code>": person.recoveryCodes[0] ?? "",
      "<user id>": user.id,
      "<TOTP id>": person.factorId,
      "<session id>": person.signedIn.session.id,
    },
  };
  const confirm = () => ctx.db.user.update({ where: { id: user.id }, data: { emailVerifiedAt: start.now } });
  const owe = async (from: Context) => {
    const challenge = await beginChallenge(from, email);
    const newest = { where: { userId: user.id }, orderBy: { id: "desc" } } as const;
    const { id } = await ctx.db.challenge.findFirstOrThrow(newest);
    const owed = {
      "<temp token>": challenge,
      "<session id>": id,
      "<challenge's token>": `challenge.${id}.${challenge}`,
    };
    return { ...owner, challenge, values: { ...owner.values, ...owed } };
  };
  const mailed = async (one: Someone) => ({
    ...one,
    values: { ...one.values, "<mailed code>": await newestCode(ctx, email) },
  });
  switch (who) {
    case "owed":
      return owe(ctx);
    case "owed, code used": {
      const other = await beginChallenge(elsewhere(ctx), email);
      await completeSignIn(elsewhere(ctx), { challengeToken: other, code: owner.values["<code>"] ?? "" });
      return owe(ctx);
    }
    case "owed for long":
      return owe(later(start, 60));
    case "owed and failing": {
      const owing = await owe(ctx);
      const typed = { challengeToken: owing.challenge, code: phone.wrongCode(ctx.now) };
      for (let tries = 0; tries < LIMITS.challenge.tries; tries += 1)
        await completeSignIn(ctx, typed).catch(() => null);
      await ctx.db.factorBudget.updateMany({ where: { userId: user.id }, data: { waitUntil: null } });
      return owing;
    }
    case "owed and mailed": {
      await confirm();
      const owing = await owe(ctx);
      await mailSignInCode(ctx, { challengeToken: owing.challenge });
      return mailed(owing);
    }
    case "stale and mailed":
      await confirm();
      await mailOwnCode(ctx, await reread(ctx, person.token));
      return mailed(owner);
    case "signed in twice": {
      const other = elsewhere(ctx);
      const { signedIn } = await completeSignIn(other, {
        challengeToken: await beginChallenge(other, email),
        code: person.recoveryCodes[1] ?? "",
      });
      return { ...owner, values: { ...owner.values, "<other session>": signedIn.session.id } };
    }
    case "trusted once":
      return {
        ...owner,
        session: "",
        trust: await losingTrust(ctx, person, values["<new password>"] ?? ""),
        values: { ...owner.values, "<password>": values["<new password>"] ?? "" },
      };
    default:
      await confirm();
      return owner;
  }
}

/** The token of a browser that was trusted until its owner chose a new password. */
async function losingTrust(
  ctx: Context,
  { email, phone, signedIn }: Awaited<ReturnType<typeof makeProtectedPerson>>,
  newPassword: string,
): Promise<string> {
  const challengeToken = await beginChallenge(ctx, email);
  const { trust } = await completeSignIn(ctx, {
    challengeToken,
    code: phone.code(ctx.now),
    trustBrowser: true,
  });
  const trusted = { ...ctx, trustToken: trust?.token ?? null };
  const begun = await beginSignIn(trusted, { email, password: PASSWORD });
  if (begun.kind !== "session") throw new Error("a trusted browser should need no code");
  await changePassword(ctx, signedIn, { password: PASSWORD, newPassword });
  return begun.trust?.token ?? "";
}

function codesOf(phone: Phone, { now }: Context): Record<string, string> {
  const [code, wrong] = [phone.code(now), phone.wrongCode(now)];
  // As JSON, where a code is a whole body.
  const inTwo = `"${code.slice(0, 3)}-${code.slice(3)}"`;
  const quoted = {
    "<code, quoted>": `"${code}"`,
    "<wrong code, quoted>": `"${wrong}"`,
    "<code in two, quoted>": inTwo,
  };
  return { "<code>": code, "<wrong code>": wrong, ...quoted };
}

/** Uses up every try there is, of the network address or of the account's codes. */
export async function spendTries(
  { ctx, userId }: Pick<Someone, "ctx" | "userId">,
  of: NonNullable<Case["outOfTries"]>,
) {
  if (of === "account") {
    const waitUntil = later(ctx, 600).now;
    const failures = Array.from({ length: 5 }, () => ctx.now);
    await ctx.db.factorBudget.upsert({
      where: { userId },
      create: { userId, failures, waitUntil },
      update: { failures, waitUntil },
    });
  }
  const tries = Array.from({ length: 100 }, () => ctx.now);
  const limits = of === "account" ? ["provisionedTotp"] : ["password", "factor", "signUp", "mailRequest"];
  const keys = limits.map((limit) => `${limit}:${of === "account" ? userId : addressKey(ctx.address)}`);
  await ctx.db.addressBudget.deleteMany({ where: { key: { in: keys } } });
  await ctx.db.addressBudget.createMany({ data: keys.map((key) => ({ key, tries, lastAt: ctx.now })) });
}

/** The headers by which a dialect's client proves who it is. */
export function proofOf(
  dialect: Dialect,
  { session, challenge, trust, apiToken }: Someone,
): Record<string, string> {
  const isOwed = challenge !== "";
  if (dialect.name === "thogits") {
    const cookie = isOwed ? `thogits.challenge=${challenge}` : `thogits.session=${session}`;
    return isOwed || session ? { cookie } : {};
  }
  if (dialect.name === "omnitron") return isOwed || !session ? {} : { authorization: `Token ${session}` };
  if (dialect.name === "authentik") return apiToken ? { authorization: `Bearer ${apiToken}` } : {};
  if (dialect.name === "zitadel") {
    const bearer = apiToken || session;
    return bearer ? { authorization: `Bearer ${bearer}` } : {};
  }
  if (dialect.name !== "athena") throw new Error(`how does a client of ${dialect.name} prove who it is?`);
  const token = isOwed ? `challenge.${challenge}` : session;
  return {
    ...(token ? { authorization: `Bearer ${token}` } : {}),
    ...(trust ? { cookie: `better-auth.trust_device=${trust}`, origin: "http://localhost:3000" } : {}),
  };
}

/** Somebody after an answer: with the token and the trust that it gave, as clients keep them. */
export function keeping(someone: Someone, headers: Headers): Someone {
  const session = headers.get("set-auth-token") ?? someone.session;
  const [, trust = someone.trust] =
    headers
      .getSetCookie()
      .join("\n")
      .match(/^better-auth\.trust_device=([^;]*)/m) ?? [];
  const challenge = headers.has("set-auth-token") ? "" : someone.challenge;
  return { ...someone, session, challenge, trust, values: { ...someone.values, "<token>": session } };
}

/** Sends one request as somebody would. The Content-Type goes along with a body, unless `headers` say otherwise. */
export async function ask(
  dialect: Dialect,
  someone: Someone,
  request: {
    asks: string;
    at?: Case["at"] | undefined;
    query?: string | undefined;
    sends?: unknown;
    settings?: object | undefined;
    headers?: Record<string, string>;
  },
): Promise<{ status: number; headers: Headers; body: unknown }> {
  const [method = "", pattern = ""] = request.asks.split(" ");
  const { sends, query } = request;
  const parts = Object.entries(request.at ?? {}).map(
    ([name, value]) => [name, someone.values[value] ?? value] as const,
  );
  const asked = query?.replaceAll(/<[^>]+>/g, (name) => encodeURIComponent(someone.values[name] ?? name));
  const path = fillAddress(pattern, Object.fromEntries(parts)) + (asked ? `?${asked}` : "");
  const headers = {
    ...(sends === undefined ? {} : { "content-type": "application/json" }),
    ...proofOf(dialect, someone),
    ...request.headers,
  };
  const body = typeof sends === "string" ? sends : JSON.stringify(sends);
  const init = sends === undefined ? { method, headers } : { method, headers, body };
  const { ctx } = someone;
  const settings = { ...ctx.settings, ...request.settings };
  const answer = await dialect.answer(new Request(`http://localhost:3000${path}`, init), (_, brought) => ({
    ...ctx,
    settings,
    ...brought,
  }));
  const said = await answer.text();
  return { status: answer.status, headers: answer.headers, body: said === "" ? undefined : JSON.parse(said) };
}
