import { join } from "node:path";
import fc from "fast-check";
import ts from "typescript";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import type { Context } from "@/lib/core/context";
import { provisionTotp } from "@/lib/core/factors/provisioned-totp";
import { makeMailLink } from "@/lib/core/mail-links";
import { mailLinkToken } from "@/lib/core/mail-secrets";
import { contextOf, makeProtectedPerson, PASSWORD } from "@/lib/core/testing/fixtures";
import { findProjectRoot } from "@/lib/db/project-root";
import { COUNTED_TRIES, type KeptRows, keepRows } from "@/lib/db/testing/kept-rows";
import { startOwnTestDatabase } from "@/lib/db/testing/test-database";
import { become, type Someone } from "@/lib/dialects/testing/askers";
import { env } from "@/lib/env";
import { cookieNames } from "@/lib/http/cookie-names";
import { sealSessionCookie } from "@/lib/http/session-cookie";
import { answerStorage, newAnswerStore } from "@/lib/server/answer-store";
import { readSourceFiles } from "@/lib/testing/source-files";
import {
  asHeader,
  changedText,
  fuzzParameters,
  mostly,
  strangeHeaders,
  strangeText,
} from "@/lib/testing/strange-input";
import { EMPTY_FORM, type FormAction } from "./form-state";
import { plainForm } from "./plain-form";
import { codeForm, passwordForm } from "./sign-in-forms";

// Whatever is sent to a form of the pages: never a fault of ours, and a no changes nothing. The server actions themselves run,
// as the page's script calls them; of Next there is what tells them the request's headers and cookies.
const RESTORED_EVERY = 25;

const request = vi.hoisted(() => ({ headers: new Headers() }));
vi.mock("next/headers", async () => {
  const { parseCookie } = await import("cookie");
  return {
    headers: async () => request.headers,
    cookies: async () => {
      const jar = new Map(Object.entries(parseCookie(request.headers.get("cookie") ?? "")));
      return { get: (name: string) => (jar.has(name) ? { name, value: jar.get(name) ?? "" } : undefined) };
    },
  };
});

/** Who sends a form. */
type Visitor =
  | "nobody"
  | "person"
  | "setting up"
  | "stale"
  | "owed"
  | "owed and mailed"
  | "owner"
  | "administrator";
type Sent = { who: readonly Visitor[]; fields: Readonly<Record<string, string>> };

const owner = (fields: Sent["fields"] = {}): Sent => ({ who: ["owner", "stale"], fields });
const administrator = (fields: Sent["fields"]): Sent => ({ who: ["administrator", "owner"], fields });
const going = { callbackUrl: "/settings/password" };

/** Every form, as its page sends it: by file in app/(web) and action. In angle brackets stands what each visitor has. */
const forms: Record<string, Record<string, Sent>> = {
  "admin/policy/actions.ts": {
    savePolicy: administrator({ from: "day", requiredFrom: "2031-01-01", graceDays: "7" }),
  },
  "admin/users/new/actions.ts": {
    makeNewUser: administrator({
      email: "<new email>",
      name: "Kim",
      password: "<new password>",
      isAdmin: "1",
    }),
  },
  "admin/users/[id]/actions.ts": { mailInvitation: administrator({ user: "<shown user>" }) },
  "admin/users/[id]/make-device/actions.ts": {
    makeDevice: administrator({ user: "<shown user>", name: "Tablet" }),
  },
  "admin/users/[id]/[act]/actions.ts": {
    act: administrator({ user: "<shown user>", act: "disable", reason: "Left" }),
  },
  "admin/users/[id]/devices/[device]/remove/actions.ts": {
    removeDevice: administrator({ user: "<shown user>", device: "<shown device>", reason: "Lost" }),
  },
  "step-up/actions.ts": {
    stepUp: { who: ["stale", "person"], fields: { code: "<code>", password: PASSWORD, ...going } },
  },
  "sign-up/actions.ts": {
    signUp: {
      who: ["nobody", "owner"],
      fields: { email: "<new email>", password: PASSWORD, name: "Kim", ...going },
    },
  },
  "set-up/actions.ts": {
    setUp: {
      who: ["nobody"],
      fields: { token: "A".repeat(43), email: "<new email>", password: PASSWORD, name: "Kim" },
    },
  },
  "forgotten-password/actions.ts": { askForLink: { who: ["nobody"], fields: { email: "<email>" } } },
  "sign-in/actions.ts": {
    signIn: { who: ["nobody", "owner"], fields: { email: "<email>", password: PASSWORD, ...going } },
  },
  "sign-in/verify/actions.ts": {
    verify: {
      who: ["owed", "owed and mailed", "owner", "nobody"],
      fields: { code: "<code>", with: "mail", trust: "1", ...going },
    },
    mailCode: { who: ["owed", "owed and mailed", "nobody"], fields: going },
  },
  "settings/email/actions.ts": {
    askToConfirm: owner(),
    askToChange: owner({ email: "<new email>", password: PASSWORD }),
  },
  "settings/security/api-tokens/actions.ts": {
    makeToken: owner({ name: "Backup", days: "30", "2fa:read": "1" }),
    revokeToken: owner({ id: "<nobody's id>" }),
  },
  "settings/security/actions.ts": {
    startSetup: { who: ["owner", "person", "stale"], fields: { name: "Phone", replaces: "<TOTP id>" } },
    renameAuthenticator: owner({ id: "<TOTP id>", name: "Phone" }),
    declineAuthenticator: owner({ id: "<TOTP id>" }),
    // Not the owner: each set costs ten hashes, and there is no field that could be wrong.
    makeRecoveryCodes: { who: ["stale", "person", "owed", "nobody"], fields: {} },
    signOutOne: owner({ id: "<other session>" }),
    signOutOthers: owner(),
    revokeTrusted: owner({ id: "<nobody's id>" }),
    revokeAllTrusted: owner(),
  },
  "settings/security/recovery-codes/actions.ts": {
    proveSaved: owner({ code: "<recovery code>", next: "done" }),
  },
  "settings/security/turn-off/actions.ts": { turnOff: owner({ code: "<code>" }) },
  "settings/security/authenticators/new/actions.ts": {
    confirmSetup: { who: ["setting up", "owner"], fields: { code: "<code>", device: "" } },
    cancelSetup: { who: ["setting up", "owner"], fields: {} },
  },
  "settings/security/authenticators/[id]/test/actions.ts": {
    testAuthenticator: owner({ id: "<TOTP id>", code: "<code>" }),
  },
  "settings/security/authenticators/[id]/remove/actions.ts": {
    removeAuthenticator: owner({ id: "<TOTP id>", code: "<code>" }),
  },
  "settings/password/actions.ts": {
    changePassword: owner({ password: PASSWORD, newPassword: "<new password>" }),
  },
  "sign-out-action.ts": { signOut: { who: ["owner", "owed", "nobody"], fields: {} } },
  "new-password/actions.ts": {
    choosePassword: { who: ["nobody", "owner"], fields: { token: "<link>", newPassword: "<new password>" } },
  },
  "confirm-email/actions.ts": { confirm: { who: ["nobody", "owner"], fields: { token: "<e-mail link>" } } },
};

const visitors = new Map<Visitor, Someone>();
let database: Awaited<ReturnType<typeof startOwnTestDatabase>>;
let kept: KeptRows;

beforeAll(async () => {
  database = await startOwnTestDatabase();
  const { db } = database;
  const shown = await become(db, "signed in twice");
  const links = await mailLinks(shown.ctx, shown);
  for (const who of ["nobody", "person", "setting up", "stale", "owed", "owed and mailed"] as const)
    visitors.set(who, await become(db, who));
  visitors.set("owner", shown);
  visitors.set("administrator", await becomeAdministrator(db, shown));
  for (const someone of visitors.values()) Object.assign(someone.values, links);
  kept = await keepRows(database.connection, COUNTED_TRIES);
  // The clock alone: each visitor's own time is what the forms read.
  vi.useFakeTimers({ toFake: ["Date"] });
});
afterAll(async () => {
  vi.useRealTimers();
  await kept.stop();
  await database.stop();
});

async function mailLinks(ctx: Context, { userId, values }: Someone): Promise<Record<string, string>> {
  const asked = { userId, email: values["<email>"] ?? "" };
  const make = async (purpose: "new_password" | "confirm_email") =>
    mailLinkToken(ctx.keys, await makeMailLink(ctx, ctx.db, { ...asked, purpose }));
  return { "<link>": await make("new_password"), "<e-mail link>": await make("confirm_email") };
}

async function becomeAdministrator(db: Context["db"], shown: Someone): Promise<Someone> {
  const ctx = contextOf(db);
  const { token, signedIn } = await makeProtectedPerson(ctx, { isAdmin: true });
  const device = await provisionTotp(ctx, signedIn, { userId: shown.userId, name: "Tablet" });
  const values = { ...shown.values, "<shown user>": shown.userId, "<shown device>": device.id };
  return { ...shown, ctx, userId: signedIn.user.id, session: token, challenge: "", values };
}

/** The cookies of somebody's browser, by name. */
function cookiesOf({ ctx, session, challenge }: Someone): Record<string, string> {
  const names = cookieNames(env().publicUrl);
  return {
    ...(session ? { [names.session]: sealSessionCookie(ctx.keys, session, 3600, ctx.now) } : {}),
    ...(challenge ? { [names.challenge]: challenge } : {}),
  };
}

function cookieHeader(cookies: Record<string, string>): string {
  return Object.entries(cookies)
    .map(([name, value]) => `${name}=${value}`)
    .join("; ");
}

/** A Cookie header with something wrong with it, once in four times. */
function strangeCookies(someone: Someone): fc.Arbitrary<string> {
  const cookies = cookiesOf(someone);
  const right = cookieHeader(cookies);
  const all = [...visitors.values()].map(cookiesOf);
  const changed = Object.entries(cookies).map(([name, value]) =>
    changedText(
      value,
      all.flatMap((jar) => Object.values(jar)),
    ).map((text) => cookieHeader({ ...cookies, [name]: text.slice(0, 3000) })),
  );
  const another = fc.constantFrom(...all.map((jar) => cookieHeader(jar)));
  return mostly(
    right,
    fc.oneof(
      ...changed,
      another,
      another.map((other) => `${other}; ${right}`),
      another.map((other) => `${right}; ${other}`),
      fc.constantFrom(
        right.replaceAll(/(^|; )/g, "$1__Host-"),
        `${right}; countersign.trust=x; countersign.browser=x`,
        `;;=; ${right}`,
      ),
    ),
  ).map(asHeader);
}

/** A form's field: its text, or what no page of ours sends. */
type Part = string | { file: string };
type Parts = readonly (readonly [name: string, part: Part])[];

const filledFields = ({ values }: Someone, fields: Sent["fields"]) =>
  Object.entries(fields).map(([name, text]) => [name, values[text] ?? text] as const);

function strangeParts(right: readonly (readonly [string, string])[], someone: Someone): fc.Arbitrary<Parts> {
  const ids = Object.entries(someone.values).flatMap(([name, value]) =>
    name.endsWith("id>") ? [value] : [],
  );
  const extra = fc.tuple(
    fc.oneof(
      fc.constantFrom("callbackUrl", "id", "isAdmin", "__proto__", "$ACTION_ID_x", "user", "next"),
      strangeText,
    ),
    strangeText,
  );
  const added = extra.map((more): Parts => [...right, more]);
  if (right.length === 0) return fc.oneof(fc.constant<Parts>([]), added);
  const changed = right.map(([name, text], at) => {
    const put = (parts: Parts): Parts => [...right.slice(0, at), ...parts, ...right.slice(at + 1)];
    return fc.oneof(
      {
        weight: 6,
        arbitrary: changedText(text, [...ids, "//evil.example", "/\\evil.example", "/%09/evil.example"]).map(
          (other) => put([[name, other]]),
        ),
      },
      {
        weight: 1,
        arbitrary: fc
          .constantFrom<Parts>(
            [],
            [[name, { file: text }]],
            [
              [name, ""],
              [name, text],
            ],
            [
              [name, text],
              [name, "x"],
            ],
            [[name.toUpperCase(), text]],
            [[`${name}[]`, text]],
          )
          .map(put),
      },
    );
  });
  return fc.oneof({ weight: 6, arbitrary: fc.oneof(...changed) }, { weight: 1, arbitrary: added });
}

function formOf(parts: Parts): FormData {
  const data = new FormData();
  for (const [name, part] of parts)
    data.append(name, typeof part === "string" ? part : new File([part.file], "x"));
  return data;
}

/** What a script may send in a form's place. */
const noForm = fc.constantFrom<unknown>(
  undefined,
  null,
  "text",
  7,
  [],
  {},
  new Map(),
  new URLSearchParams("code=1"),
);

/** Makes somebody's clock and cookies those of the request that comes. */
function bring({ ctx }: Someone, headers: Record<string, string>): void {
  vi.setSystemTime(ctx.now);
  // Where lib/http/context.ts finds the pool and the keys of its process.
  Object.assign(globalThis, { [Symbol.for("countersign.shared")]: { db: ctx.db, keys: ctx.keys } });
  request.headers = new Headers(headers);
}

/** Expects what was answered to be no fault of ours, and nothing to have changed unless it was a yes. */
async function expectHarmless(status: number | null, goesTo: string | null, runs: number): Promise<void> {
  expect(status ?? 200).toBeLessThan(500);
  if (goesTo !== null) expect(new URL(goesTo, "http://localhost:3000").origin).toBe("http://localhost:3000");
  const changed = await kept.changed();
  if (changed.length > 0 || runs % RESTORED_EVERY === 0) await kept.restore();
  // Who has to prove something first is sent there.
  const isNo = (status ?? 200) >= 400 || goesTo?.startsWith("/step-up");
  if (isNo) expect(changed).toEqual([]);
}

describe("every form of the pages", () => {
  test("is in this list", () => {
    const found = readSourceFiles("app")
      .filter(({ tree }) => tree.getFullText().startsWith('"use server"'))
      .map(({ path, tree }) => [
        path.replace("app/(web)/", ""),
        tree.statements.filter(ts.isFunctionDeclaration).flatMap(({ name }) => name?.text ?? []),
      ]);
    const listed = Object.entries(forms).map(([path, actions]) => [path, Object.keys(actions)]);
    expect(listed.sort()).toEqual(found.sort());
  });

  const each = Object.entries(forms).flatMap(([path, actions]) =>
    Object.entries(actions).map(([action, sent]) => ({ path, action, sent })),
  );
  test.each(each)(
    "$action: no fault of ours, no way to another origin, and a no changes nothing",
    async (form) => {
      const { path, action, sent } = form;
      const module = await import(/* @vite-ignore */ join(findProjectRoot(), "app/(web)", path));
      // The list of the test before.
      const run = module[action] as FormAction;
      await kept.restore();
      let runs = 0;
      const cases = sent.who.map((who) => {
        // All were made before.
        const someone = visitors.get(who) as Someone;
        const right = filledFields(someone, sent.fields);
        return fc.record({
          who: fc.constant(who),
          cookie: strangeCookies(someone),
          parts: fc.oneof(
            { weight: 12, arbitrary: strangeParts(right, someone) },
            { weight: 1, arbitrary: fc.constant(null) },
          ),
          instead: noForm,
          extra: mostly({}, strangeHeaders),
        });
      });
      const property = fc.asyncProperty(
        fc.oneof(...cases),
        async ({ who, cookie, parts, instead, extra }) => {
          bring(visitors.get(who) as Someone, { ...extra, cookie, "next-action": "x" });
          const store = newAnswerStore(true);
          // As what decodes a script's call hands it over: of whatever type.
          const data = (parts === null ? instead : formOf(parts)) as FormData;
          const state = await answerStorage().run(store, () => run(EMPTY_FORM, data));
          runs += 1;
          expect(state.refusal === null).toBe(store.status === null);
          await expectHarmless(store.status, state.goTo, runs);
        },
      );
      await fc.assert(property, fuzzParameters());
    },
  );
});

describe("the forms that are answered without Next", () => {
  test.each([
    [passwordForm, "nobody", { email: "<email>", password: PASSWORD, ...going }],
    [codeForm, "owed", { code: "<code>", trust: "1", ...going }],
  ] as const)(
    "$page: no fault of ours, no way to another origin, and a no changes nothing",
    async (form, who, fields) => {
      const someone = visitors.get(who) as Someone;
      const right = [["$ACTION_ID_x", ""] as const, ...filledFields(someone, fields)];
      const whole = new Uint8Array(await new Response(formOf(right)).arrayBuffer());
      const boundary = new TextDecoder().decode(whole).slice(2, whole.indexOf(13));
      const type = `multipart/form-data; boundary=${boundary}`;
      const bytes = fc.oneof(
        { weight: 4, arbitrary: strangeParts(right, someone).map((parts) => formOf(parts)) },
        fc.nat(whole.length).map((at) => whole.slice(0, at)),
        fc
          .tuple(fc.nat(whole.length - 1), fc.nat(255))
          .map(([at, byte]) => whole.map((old, place) => (place === at ? byte : old))),
        fc.uint8Array({ maxLength: 200 }).map((some) => new Uint8Array(some)),
      );
      const types = mostly(
        type,
        fc.oneof(changedText(type), fc.constantFrom("multipart/form-data", `${type}; charset=utf-7`)),
      );
      await kept.restore();
      let runs = 0;
      const property = fc.asyncProperty(
        bytes,
        types,
        strangeCookies(someone),
        async (body, named, cookie) => {
          bring(someone, {});
          const headers = new Headers({ cookie });
          if (!(body instanceof FormData)) headers.set("content-type", asHeader(named));
          const store = newAnswerStore(false);
          const sent = new Request(`http://localhost:3000${form.page}`, { method: "POST", body, headers });
          const answer = await answerStorage().run(store, () => plainForm(form)(sent));
          runs += 1;
          // Its page is to be shown again, with why not: a refusal, or a form that was none.
          const status = answer === null ? 400 : null;
          await expectHarmless(status, answer?.headers.get("location") ?? null, runs);
        },
      );
      await fc.assert(property, fuzzParameters());
    },
  );
});
