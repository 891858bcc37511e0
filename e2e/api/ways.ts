import { z } from "zod";
import { Phone } from "@/lib/core/testing/phone";
import { m } from "@/lib/web/messages";
import { formsIn } from "../forms";
import { PASSWORD } from "../people";
import { serverUrl } from "../server";
import { Jar } from "./jar";

/** What became of a code at the end of a sign-in. */
export type Finish = { status: number; isOpened: boolean };

/** Somebody's client: a browser, or a program with a key. */
export type Client = {
  /** Makes an account and signs it in. */
  register(email: string): Promise<void>;
  /** Turns two-factor on for whoever is signed in. */
  enrol(): Promise<Phone>;
  /** The password step. Whether a code is owed, which it then holds the challenge for. */
  begin(email: string): Promise<boolean>;
  /** Fetches what is needed to send codes, so that many can be sent at once. */
  ready(): Promise<(code: string) => Promise<Finish>>;
  /** The code step. */
  finish(code: string): Promise<Finish>;
  isSignedIn(): Promise<boolean>;
  signOut(): Promise<void>;
  /** Turns two-factor off, by a code where the way asks for one. */
  disable(code: string): Promise<boolean>;
  /** One that holds the same, as a thief of it would. */
  copy(): Client;
  /** The browser's cookies, where it is one. */
  jar: Jar | null;
};

export type Way = { name: string; open(address: string): Client };

type Sent = { status: number; body: unknown; answer: Response };

async function sendJson(
  send: typeof fetch,
  to: string,
  body: object | null,
  headers: Record<string, string> = {},
): Promise<Sent> {
  const [method = "", path = ""] = to.split(" ");
  const init = body === null ? {} : { body: JSON.stringify(body) };
  const sent = body === null ? headers : { "content-type": "application/json", ...headers };
  const answer = await send(`${serverUrl()}${path}`, { method, headers: sent, redirect: "manual", ...init });
  const text = await answer.text();
  return { status: answer.status, body: text === "" ? null : JSON.parse(text), answer };
}

function browserAt(address: string): Jar {
  return new Jar({ origin: serverUrl(), "x-forwarded-for": address });
}

function copied(jar: Jar, address: string): Jar {
  const copy = browserAt(address);
  for (const [name, value] of jar.cookies) copy.cookies.set(name, value);
  return copy;
}

function mustBe(status: number, sent: { status: number; body?: unknown }, what: string): void {
  if (sent.status !== status) throw new Error(`${what}: ${sent.status} ${JSON.stringify(sent.body)}`);
}

/** Whether an answer gives the browser a cookie with this name and a value. */
function gives({ headers }: Response, name: string): boolean {
  return headers.getSetCookie().some((line) => line.startsWith(`${name}=`) && !line.startsWith(`${name}=;`));
}

const finishOf =
  (ready: Client["ready"]): Client["finish"] =>
  async (code) =>
    (await ready())(code);

const WIZARD = "/settings/security/authenticators/new";

/** The pages in a browser without script. */
export function pagesIn(jar: Jar, address: string): Client {
  const get = (path: string) => jar.fetch(`${serverUrl()}${path}`, { redirect: "manual" });
  /** The page where a browser ends up that is sent on, and where that is. */
  const follow = async (path: string, hops = 5): Promise<{ path: string; html: string }> => {
    const answer = await get(path);
    const html = await answer.text();
    const location = answer.headers.get("location");
    if (location === null) return { path, html };
    if (hops === 0) throw new Error(`sent on and on, at last to ${location}`);
    const { pathname, search } = new URL(location, serverUrl());
    return follow(pathname + search, hops - 1);
  };
  /** The sender of the form with this text in it. */
  const formOn = async (wanted: string, marker: string) => {
    const { path, html } = await follow(wanted);
    const found = (html.match(/<form[\s\S]*?<\/form>/g) ?? []).find((form) => form.includes(marker));
    const form = found && formsIn(found, path)[0];
    if (!form) throw new Error(`no form with ${marker} on ${path}: ${html.slice(0, 600)}`);
    return async (typed: Record<string, string>) => {
      const body = new FormData();
      for (const [name, value] of Object.entries({ ...form.fields, ...typed })) body.append(name, value);
      const answer = await jar.fetch(`${serverUrl()}${path}`, { method: "POST", body, redirect: "manual" });
      await answer.text();
      return answer;
    };
  };
  const submit = async (path: string, typed: Record<string, string>, marker: string) => {
    const answer = await (await formOn(path, marker))(typed);
    return { status: answer.status, location: answer.headers.get("location") ?? "" };
  };
  const ready: Client["ready"] = async () => {
    const post = await formOn("/sign-in/verify", 'name="code"');
    return async (code) => {
      const answer = await post({ code });
      return { status: answer.status, isOpened: gives(answer, "next-auth.session-token") };
    };
  };
  return {
    jar,
    register: async (email) =>
      mustBe(303, await submit("/sign-up", { email, password: PASSWORD }, 'name="email"'), "sign-up"),
    enrol: async () => {
      mustBe(303, await submit(WIZARD, {}, m.wizard.start), "start of a set-up");
      const uri = /href="(otpauth:[^"]+)"/.exec(await (await get(WIZARD)).text())?.[1];
      if (!uri) throw new Error("no key on the page");
      const phone = new Phone(uri.replaceAll("&amp;", "&"));
      mustBe(303, await submit(WIZARD, { code: phone.code(new Date()) }, 'name="code"'), "proof of a set-up");
      return phone;
    },
    begin: async (email) => {
      // The pages lead to a sign-in that is half done until it is given up.
      if ((await follow("/sign-in")).path.startsWith("/sign-in/verify"))
        mustBe(303, await submit("/sign-in/verify", {}, m.common.signOut), "giving a sign-in up");
      const sent = await submit("/sign-in", { email, password: PASSWORD }, 'name="email"');
      mustBe(303, sent, "sign-in");
      return sent.location.includes("/sign-in/verify");
    },
    ready,
    finish: finishOf(ready),
    isSignedIn: async () => (await get("/settings/security")).status === 200,
    signOut: async () => mustBe(303, await submit("/settings/email", {}, m.common.signOut), "sign-out"),
    disable: async (code) => {
      const sent = await submit("/settings/security/turn-off", { code }, 'name="code"');
      return sent.status === 303 && sent.location.includes("done=turned-off");
    },
    copy: () => pagesIn(copied(jar, address), address),
  };
}

const TOTP = "/api/auth/2fa/totp";
const thogitsLogin = z.union([
  z.strictObject({ needs_2fa: z.literal(true) }),
  z.object({ user_id: z.string() }),
]);

export function thogitsIn(jar: Jar, address: string): Client {
  const send = (to: string, body: object | null = null) => sendJson(jar.fetch, to, body);
  const ready: Client["ready"] = async () => async (code) => {
    const { status, answer } = await send(`POST ${TOTP}/verify`, { code });
    return { status, isOpened: gives(answer, "thogits.session") };
  };
  return {
    jar,
    register: async (email) =>
      mustBe(200, await send("POST /api/auth/register", { email, password: PASSWORD }), "register"),
    enrol: async () => {
      const { secret } = z.object({ secret: z.string() }).parse((await send(`POST ${TOTP}/setup`)).body);
      const phone = new Phone(`otpauth://totp/Example:you?secret=${secret}&issuer=Example`);
      mustBe(200, await send(`POST ${TOTP}/confirm`, { code: phone.code(new Date()) }), "confirm");
      return phone;
    },
    begin: async (email) => {
      const sent = await send("POST /api/auth/login", { email, password: PASSWORD });
      mustBe(200, sent, "login");
      return "needs_2fa" in thogitsLogin.parse(sent.body);
    },
    ready,
    finish: finishOf(ready),
    isSignedIn: async () => (await send("GET /api/auth/me")).status === 200,
    signOut: async () => mustBe(200, await send("POST /api/auth/logout"), "logout"),
    disable: async (code) => (await send(`POST ${TOTP}/disable`, { code })).status === 200,
    copy: () => thogitsIn(copied(jar, address), address),
  };
}

const OMNITRON = "/api/v1/auth";
const keyOrToken = z.union([z.strictObject({ key: z.string() }), z.strictObject({ temp_token: z.string() })]);

export function omnitronWith(address: string, held: { key?: string; challenge?: string } = {}): Client {
  const send = (path: string, body: object | null = null) =>
    sendJson(fetch, `POST ${OMNITRON}${path}`, body, {
      "x-forwarded-for": address,
      ...(held.key ? { authorization: `Token ${held.key}` } : {}),
    });
  const begin: Client["begin"] = async (email) => {
    held = {};
    const sent = await send("/login/", { username: email, password: PASSWORD });
    mustBe(200, sent, "login");
    const body = keyOrToken.parse(sent.body);
    held = "key" in body ? { key: body.key } : { challenge: body.temp_token };
    return "temp_token" in body;
  };
  const ready: Client["ready"] = async () => {
    const { challenge = "" } = held;
    return async (code) => {
      const { status, body } = await send("/totp/verify/", { temp_token: challenge, token: code });
      if (status === 200) held = z.strictObject({ key: z.string() }).parse(body);
      return { status, isOpened: status === 200 };
    };
  };
  return {
    jar: null,
    // It has no sign-up of its own.
    register: async (email) => {
      await thogitsIn(browserAt(address), address).register(email);
      await begin(email);
    },
    enrol: async () => {
      const sent = await send("/totp/setup/");
      mustBe(201, sent, "setup");
      const phone = new Phone(z.object({ provisioning_uri: z.string() }).parse(sent.body).provisioning_uri);
      mustBe(200, await send("/totp/activate/", { token: phone.code(new Date()) }), "activate");
      return phone;
    },
    begin,
    ready,
    finish: finishOf(ready),
    // It has nothing to read: what asks for a key says that there is none, or something else.
    isSignedIn: async () => {
      const { status, body } = await send("/totp/activate/", { token: "0" });
      const { code } = z.object({ code: z.string() }).parse(body);
      if (status !== 400 && code !== "not_authenticated") throw new Error(`activate: ${status} ${code}`);
      return status === 400;
    },
    signOut: async () => mustBe(200, await send("/logout/"), "logout"),
    disable: async () => (await send("/totp/deactivate/")).status === 200,
    copy: () => omnitronWith(address, { ...held }),
  };
}

const TWO_FACTOR = "/api/auth/two-factor";
const athenaSignIn = z.union([
  z.object({ twoFactorRedirect: z.literal(true), twoFactorToken: z.string() }),
  z.object({ redirect: z.literal(false), token: z.string() }),
]);
const athenaSession = z.object({ user: z.object({ email: z.string() }) }).nullable();

export type AthenaClient = Client & { revokeAll(): Promise<void> };

/** @param hold called with what a client that keeps no cookies keeps: a session's token, or a challenge's */
function athenaBy(
  jar: Jar | null,
  send: (to: string, body?: object | null) => Promise<Sent>,
  hold: (token: string) => void,
  copy: () => Client,
): AthenaClient {
  const password = { password: PASSWORD };
  const ready: Client["ready"] = async () => async (code) => {
    const path = /^\d+$/.test(code) ? "verify-totp" : "verify-backup-code";
    const { status, answer } = await send(`POST ${TWO_FACTOR}/${path}`, { code });
    const token = answer.headers.get("set-auth-token");
    if (token) hold(token);
    return { status, isOpened: gives(answer, "better-auth.session_token") || token !== null };
  };
  const took = (sent: Sent, what: string) => {
    mustBe(200, sent, what);
    const token = sent.answer.headers.get("set-auth-token");
    if (token) hold(token);
  };
  return {
    jar,
    register: async (email) =>
      took(await send("POST /api/auth/sign-up/email", { name: "Person", email, ...password }), "sign-up"),
    enrol: async () => {
      const sent = await send(`POST ${TWO_FACTOR}/enable`, password);
      mustBe(200, sent, "enable");
      const phone = new Phone(z.object({ totpURI: z.string() }).parse(sent.body).totpURI);
      took(await send(`POST ${TWO_FACTOR}/verify-totp`, { code: phone.code(new Date()) }), "verify-totp");
      return phone;
    },
    begin: async (email) => {
      const sent = await send("POST /api/auth/sign-in/email", { email, ...password });
      took(sent, "sign-in");
      const body = athenaSignIn.parse(sent.body);
      if ("twoFactorToken" in body) hold(body.twoFactorToken);
      return "twoFactorToken" in body;
    },
    ready,
    finish: finishOf(ready),
    isSignedIn: async () => athenaSession.parse((await send("GET /api/auth/get-session")).body) !== null,
    signOut: async () => mustBe(200, await send("POST /api/auth/sign-out", {}), "sign-out"),
    disable: async () => {
      const sent = await send(`POST ${TWO_FACTOR}/disable`, password);
      if (sent.status === 200) took(sent, "disable");
      return sent.status === 200;
    },
    revokeAll: async () => mustBe(200, await send("POST /api/auth/revoke-sessions", {}), "revoke-sessions"),
    copy,
  };
}

export function athenaIn(jar: Jar, address: string): AthenaClient {
  return athenaBy(
    jar,
    (to, body = null) => sendJson(jar.fetch, to, body),
    () => {},
    () => athenaIn(copied(jar, address), address),
  );
}

export function athenaWith(address: string, held = ""): AthenaClient {
  let token = held;
  return athenaBy(
    null,
    (to, body = null) =>
      sendJson(fetch, to, body, {
        "x-forwarded-for": address,
        ...(token ? { authorization: `Bearer ${token}` } : {}),
      }),
    (given) => {
      token = given;
    },
    () => athenaWith(address, token),
  );
}

const zitadelSession = z.object({ sessionId: z.string(), sessionToken: z.string() });
const registration = z.object({ totpId: z.string(), uri: z.string() });

/**
 * A program that signs in by Zitadel's sessions. That API makes no accounts, ends no sessions, and tells nobody who they are:
 * those are asked of other APIs, to which its token is the same session's.
 */
export function zitadelWith(address: string, held: { id?: string; token?: string } = {}): Client {
  const send = (to: string, body: object | null = null) =>
    sendJson(fetch, to, body, {
      "x-forwarded-for": address,
      ...(held.token ? { authorization: `Bearer ${held.token}` } : {}),
    });
  const user = async () => {
    const { body } = await send("GET /api/auth/get-session");
    return z.object({ user: z.object({ id: z.string() }) }).parse(body).user.id;
  };
  const took = (sent: Sent, status: number, what: string) => {
    mustBe(status, sent, what);
    const { sessionId, sessionToken } = zitadelSession.parse(sent.body);
    held.id = sessionId;
    held.token = sessionToken;
  };
  const begin: Client["begin"] = async (email) => {
    const checks = { user: { loginName: email }, password: { password: PASSWORD } };
    took(await send("POST /v2/sessions", { checks }), 201, "a session");
    return held.token?.startsWith("challenge.") ?? false;
  };
  const ready: Client["ready"] = async () => {
    const { id, token } = held;
    return async (code) => {
      const body = { sessionToken: token, checks: { totp: { code } } };
      const sent = await send(`PATCH /v2/sessions/${id}`, body);
      if (sent.status === 200) took(sent, 200, "the code");
      return { status: sent.status, isOpened: sent.status === 200 };
    };
  };
  return {
    jar: null,
    register: async (email) => {
      const made = { email, password: PASSWORD };
      mustBe(200, await send("POST /api/auth/register", made), "register");
      await begin(email);
    },
    enrol: async () => {
      const totp = `/resources/v3alpha/users/${await user()}/totp`;
      const { totpId, uri } = registration.parse((await send(`POST ${totp}`)).body);
      const phone = new Phone(uri);
      const code = JSON.stringify(phone.code(new Date()));
      const answer = await fetch(`${serverUrl()}${totp}/${totpId}/_verify`, {
        method: "POST",
        headers: {
          authorization: `Bearer ${held.token}`,
          "content-type": "application/json",
          "x-forwarded-for": address,
        },
        body: code,
      });
      mustBe(200, { status: answer.status, body: await answer.text() }, "verify");
      return phone;
    },
    begin,
    ready,
    finish: finishOf(ready),
    isSignedIn: async () => {
      const { body } = await send("GET /api/auth/get-session");
      const isKnown = athenaSession.parse(body) !== null;
      const { status } = await send(`GET /resources/v3alpha/users/${isKnown ? await user() : "nobody"}`);
      if (status !== (isKnown ? 200 : 401)) throw new Error(`GetUser: ${status}`);
      return isKnown;
    },
    signOut: async () => {
      const headers = { "x-forwarded-for": address, authorization: `Token ${held.token}` };
      mustBe(200, await sendJson(fetch, `POST ${OMNITRON}/logout/`, null, headers), "logout");
    },
    disable: async () => (await send(`DELETE /v2/users/${await user()}/totp`)).status === 200,
    copy: () => zitadelWith(address, { ...held }),
  };
}

/** The ways in that keep cookies: whoever is signed in by one of them is signed in by all, in the same browser. */
const IN_BROWSERS = { pages: pagesIn, thogits: thogitsIn, "athena by cookies": athenaIn };

/** One browser, seen by each way in that a browser has. They do not touch its cookies. */
export function everywhereIn(jar: Jar, address: string): { name: string; client: Client }[] {
  return Object.entries(IN_BROWSERS).map(([name, open]) => ({
    name,
    client: open(copied(jar, address), address),
  }));
}

export const ATHENA: { name: string; open(address: string): AthenaClient }[] = [
  { name: "athena by cookies", open: (address) => athenaIn(browserAt(address), address) },
  { name: "athena by bearer token", open: (address) => athenaWith(address) },
];

export const WAYS: Way[] = [
  { name: "pages", open: (address) => pagesIn(browserAt(address), address) },
  { name: "thogits", open: (address) => thogitsIn(browserAt(address), address) },
  { name: "omnitron", open: (address) => omnitronWith(address) },
  ...ATHENA,
  { name: "zitadel", open: (address) => zitadelWith(address) },
];
