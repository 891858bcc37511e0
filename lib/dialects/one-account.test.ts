import { describe, expect, it, vi } from "vitest";
import { completeSignIn } from "@/lib/core/challenges";
import type { Context } from "@/lib/core/context";
import { confirmTotp } from "@/lib/core/factors/confirm-totp";
import { disableTwoFactor } from "@/lib/core/factors/remove-totp";
import { startTotpSetup } from "@/lib/core/factors/totp";
import { endSession, readSession } from "@/lib/core/sessions";
import { beginSignIn } from "@/lib/core/sign-in";
import { contextOf, elsewhere, later, makePerson, PASSWORD, testDatabase } from "@/lib/core/testing/fixtures";
import { Phone } from "@/lib/core/testing/phone";
import { ImpatientClient } from "@/lib/db/impatient-client";
import { athena } from "./athena";
import type { Dialect } from "./dialect";
import { omnitron } from "./omnitron";
import { thogits } from "./thogits";

// One account and one set of authenticators, whichever way in is taken. The pages stand here as the use cases that they call.
const db = testDatabase();

/** A way in. Sessions and challenges are tokens, and each way's are good in every other one that can carry them. */
type Way = {
  name: string;
  enrol(ctx: Context, session: string): Promise<{ phone: Phone; session: string }>;
  /** A challenge, or null where no code is owed. */
  begin(ctx: Context, email: string): Promise<string | null>;
  /** The new session, or null. */
  finish(ctx: Context, challenge: string, code: string): Promise<string | null>;
  isLive(ctx: Context, session: string): Promise<boolean>;
  signOut(ctx: Context, session: string): Promise<void>;
  turnOff(ctx: Context, session: string, code: string): Promise<boolean>;
};

async function send(
  dialect: Dialect,
  ctx: Context,
  to: string,
  body: object | null,
  headers: Record<string, string>,
) {
  const [method = "", path = ""] = to.split(" ");
  const init = body === null ? {} : { body: JSON.stringify(body) };
  const sent = { "content-type": "application/json", ...headers };
  const request = new Request(`http://localhost:3000${path}`, { method, headers: sent, ...init });
  const answer = await dialect.answer(request, (_, brought) => ({ ...ctx, ...brought }));
  const text = await answer.text();
  const cookie = (name: string) =>
    answer.headers
      .getSetCookie()
      .map((line) => line.split(";")[0]?.split("=") ?? [])
      .find(([key, value]) => key === name && value)?.[1] ?? null;
  return { status: answer.status, body: text === "" ? null : JSON.parse(text), cookie };
}

const refused = () => null;
const pages: Way = {
  name: "pages",
  enrol: async (ctx, session) => {
    const signedIn = await readSession(ctx, session);
    if (!signedIn) throw new Error("nobody is signed in");
    const phone = new Phone((await startTotpSetup(ctx, signedIn)).uri);
    const confirmed = await confirmTotp(ctx, signedIn, { code: phone.code(ctx.now) });
    return { phone, session: confirmed.token };
  },
  begin: async (ctx, email) => {
    const begun = await beginSignIn(ctx, { email, password: PASSWORD });
    return begun.kind === "challenge" ? begun.token : null;
  },
  finish: async (ctx, challengeToken, code) =>
    completeSignIn(ctx, { challengeToken, code }).then(({ token }) => token, refused),
  isLive: async (ctx, session) => (await readSession(ctx, session)) !== null,
  signOut: (ctx, session) => endSession(ctx, session),
  turnOff: async (ctx, session, code) => {
    const signedIn = await readSession(ctx, session);
    return signedIn !== null && (await disableTwoFactor(ctx, signedIn, { code })).isOff;
  },
};

const T = "/api/auth/2fa/totp";
const thogitsWay: Way = {
  name: "thogits",
  enrol: async (ctx, session) => {
    const cookie = { cookie: `thogits.session=${session}` };
    const { body } = await send(thogits, ctx, `POST ${T}/setup`, null, cookie);
    const phone = new Phone(`otpauth://totp/Example:you?secret=${body.secret}&issuer=Example`);
    const done = await send(thogits, ctx, `POST ${T}/confirm`, { code: phone.code(ctx.now) }, cookie);
    return { phone, session: done.cookie("thogits.session") ?? "" };
  },
  begin: async (ctx, email) =>
    (await send(thogits, ctx, "POST /api/auth/login", { email, password: PASSWORD }, {})).cookie(
      "thogits.challenge",
    ),
  finish: async (ctx, challenge, code) =>
    (
      await send(thogits, ctx, `POST ${T}/verify`, { code }, { cookie: `thogits.challenge=${challenge}` })
    ).cookie("thogits.session"),
  isLive: async (ctx, session) =>
    (await send(thogits, ctx, "GET /api/auth/me", null, { cookie: `thogits.session=${session}` })).status ===
    200,
  signOut: async (ctx, session) =>
    void (await send(thogits, ctx, "POST /api/auth/logout", null, { cookie: `thogits.session=${session}` })),
  turnOff: async (ctx, session, code) =>
    (await send(thogits, ctx, `POST ${T}/disable`, { code }, { cookie: `thogits.session=${session}` }))
      .status === 200,
};

const O = "/api/v1/auth";
const key = (session: string) => ({ authorization: `Token ${session}` });
const omnitronWay: Way = {
  name: "omnitron",
  enrol: async (ctx, session) => {
    const { body } = await send(omnitron, ctx, `POST ${O}/totp/setup/`, null, key(session));
    const phone = new Phone(body.provisioning_uri);
    await send(omnitron, ctx, `POST ${O}/totp/activate/`, { token: phone.code(ctx.now) }, key(session));
    return { phone, session };
  },
  begin: async (ctx, email) =>
    (await send(omnitron, ctx, `POST ${O}/login/`, { email, password: PASSWORD }, {})).body.temp_token ??
    null,
  finish: async (ctx, challenge, code) =>
    (await send(omnitron, ctx, `POST ${O}/totp/verify/`, { temp_token: challenge, token: code }, {})).body
      .key ?? null,
  // It has nothing to read: what asks for a key says that there is none, or something else.
  isLive: async (ctx, session) => {
    const { body } = await send(omnitron, ctx, `POST ${O}/totp/activate/`, { token: "0" }, key(session));
    return body.code !== "not_authenticated";
  },
  signOut: async (ctx, session) => void (await send(omnitron, ctx, `POST ${O}/logout/`, null, key(session))),
  turnOff: async (ctx, session) =>
    (await send(omnitron, ctx, `POST ${O}/totp/deactivate/`, null, key(session))).status === 200,
};

const A = "/api/auth/two-factor";
/** As a browser's, or as a client's that keeps no cookies. */
function athenaWay(
  name: string,
  proof: (kind: "session_token" | "two_factor", token: string) => Record<string, string>,
): Way {
  const session = (token: string) => proof("session_token", token);
  const password = { password: PASSWORD };
  return {
    name,
    enrol: async (ctx, token) => {
      const { body } = await send(athena, ctx, `POST ${A}/enable`, password, session(token));
      const phone = new Phone(body.totpURI);
      const code = phone.code(ctx.now);
      const done = await send(athena, ctx, `POST ${A}/verify-totp`, { code }, session(token));
      return { phone, session: done.body.token };
    },
    begin: async (ctx, email) =>
      (
        await send(athena, ctx, "POST /api/auth/sign-in/email", { email, ...password }, {})
      ).body.twoFactorToken?.replace("challenge.", "") ?? null,
    finish: async (ctx, challenge, code) =>
      (await send(athena, ctx, `POST ${A}/verify-totp`, { code }, proof("two_factor", challenge))).body
        .token ?? null,
    isLive: async (ctx, token) =>
      (await send(athena, ctx, "GET /api/auth/get-session", null, session(token))).body !== null,
    signOut: async (ctx, token) =>
      void (await send(athena, ctx, "POST /api/auth/sign-out", {}, session(token))),
    turnOff: async (ctx, token) =>
      (await send(athena, ctx, `POST ${A}/disable`, password, session(token))).status === 200,
  };
}

const WAYS: Way[] = [
  pages,
  thogitsWay,
  omnitronWay,
  athenaWay("athena by cookie", (kind, token) => ({
    origin: "http://localhost:3000",
    cookie: `better-auth.${kind}=${token}`,
  })),
  athenaWay("athena by bearer token", (kind, token) => ({
    authorization: `Bearer ${kind === "two_factor" ? "challenge." : ""}${token}`,
  })),
];
const PAIRS = WAYS.flatMap((first) =>
  WAYS.map((second) => [first.name, second.name, first, second] as const),
);

describe.each(PAIRS)("set up through %s, used through %s", (_first, _second, first, second) => {
  it("one authenticator, one use of a code, one session, one switch", async () => {
    const start = contextOf(db);
    const person = await makePerson(start);
    const { phone, session: enrolled } = await first.enrol(start, person.token);
    expect(await first.isLive(start, enrolled)).toBe(true);
    const ctx = later(elsewhere(start), 60);
    const challenge = await second.begin(ctx, person.email);
    const code = phone.code(ctx.now);
    const session = await second.finish(ctx, challenge ?? "", code);
    expect(session).not.toBeNull();
    for (const way of WAYS) {
      const other = later(elsewhere(ctx), 0);
      const again = await way.begin(other, person.email);
      expect(again, `${way.name} asks for a code`).not.toBeNull();
      expect(await way.finish(other, again ?? "", code), `a spent code in ${way.name}`).toBeNull();
      expect(await way.isLive(ctx, session ?? ""), `the session in ${way.name}`).toBe(true);
    }
    await second.signOut(ctx, session ?? "");
    for (const way of WAYS) expect(await way.isLive(ctx, session ?? ""), `ended, in ${way.name}`).toBe(false);
    // Turned off through the second, for the session in which the first turned it on.
    const then = later(start, 120);
    expect(await second.turnOff(then, enrolled, phone.code(then.now))).toBe(true);
    expect(await first.begin(elsewhere(then), person.email)).toBeNull();
  });
});

it("a hundred submits of one code, mixed over all ways, open exactly one session", async () => {
  const start = { ...contextOf(db) };
  const person = await makePerson(start);
  const { phone } = await pages.enrol(start, person.token);
  const base = later(start, 60);
  const ctx = { ...base, settings: { ...base.settings, rateLimitAddress: false } };
  const before = await db.session.count({ where: { userId: person.user.id } });
  const challenges: string[] = [];
  for (const way of WAYS) challenges.push((await way.begin(ctx, person.email)) ?? "");
  const code = phone.code(ctx.now);
  const turns = Array.from({ length: 100 }, (_, turn) => turn % WAYS.length);
  const opened = await Promise.all(
    turns.map((turn) => WAYS[turn]?.finish(ctx, challenges[turn] ?? "", code)),
  );
  expect(opened.filter(Boolean)).toHaveLength(1);
  expect(await db.session.count({ where: { userId: person.user.id } })).toBe(before + 1);
});

describe.each(WAYS)("a wait earned through $name", (first) => {
  it("holds in every other way", async () => {
    const start = contextOf(db);
    const person = await makePerson(start);
    const { phone } = await pages.enrol(start, person.token);
    const base = later(elsewhere(start), 60);
    const ctx = { ...base, settings: { ...base.settings, rateLimitAddress: false } };
    for (let turn = 0; turn < 5; turn += 1) {
      const challenge = await first.begin(ctx, person.email);
      await first.finish(ctx, challenge ?? "", phone.wrongCode(ctx.now));
    }
    const code = phone.code(ctx.now);
    for (const way of WAYS) {
      const challenge = await way.begin(ctx, person.email);
      expect(await way.finish(ctx, challenge ?? "", code), way.name).toBeNull();
    }
  });
});

it.each(WAYS)("the code step of $name is two statements", async (way) => {
  const start = contextOf(db);
  const person = await makePerson(start);
  const { phone } = await pages.enrol(start, person.token);
  const ctx = later(start, 60);
  const challenge = (await way.begin(ctx, person.email)) ?? "";
  const code = phone.code(ctx.now);
  const sent = vi.spyOn(ImpatientClient.prototype, "query");
  await way.finish(ctx, challenge, code);
  const count = sent.mock.calls.length;
  sent.mockRestore();
  expect(count).toBe(2);
});
