import { beforeEach, describe, expect, test, vi } from "vitest";
import { type Refusal, Refused } from "@/lib/core/refusals";
import { answerStorage, newAnswerStore } from "@/lib/server/answer-store";
import type { WebCaller } from "./caller";
import { answerForm, answerOwnForm } from "./form-action";

const request = vi.hoisted(() => ({ headers: new Headers(), caller: {} as unknown }));

vi.mock("next/headers", () => ({ headers: async () => request.headers, cookies: async () => new Map() }));
vi.mock("./session", () => ({ readCaller: async () => request.caller }));

const caller = (parts: Partial<WebCaller>) => ({
  sessionToken: null,
  challengeToken: null,
  signedIn: null,
  ...parts,
});
const plan = { page: "/settings/security/turn-off", keep: ["email"] };

function formData(fields: Record<string, string | Blob>): FormData {
  const data = new FormData();
  for (const [name, value] of Object.entries(fields)) data.set(name, value);
  return data;
}

/** Runs a form as the server around Next does, and tells what it would answer. */
async function run(data: unknown, use: Parameters<typeof answerForm>[2], isScripted = true) {
  request.headers = new Headers(isScripted ? { "next-action": "x" } : {});
  const store = newAnswerStore(isScripted);
  const state = await answerStorage().run(store, () => answerForm(data, plan, use));
  return { state, store };
}

const refusing = (refusal: Refusal) => async () => {
  throw new Refused(refusal);
};

beforeEach(() => {
  request.caller = caller({});
});

describe("a form", () => {
  test("that did its work sends the page's script on", async () => {
    const { state, store } = await run(formData({}), async () => ({ goTo: "/settings/security" }));
    expect(state).toMatchObject({ refusal: null, goTo: "/settings/security" });
    expect(store).toMatchObject({ status: null, actionReached: true });
  });

  test("that was posted without script is answered with a redirect", async () => {
    const work = run(formData({}), async () => ({ goTo: "/settings/security" }), false);
    await expect(work).rejects.toMatchObject({
      digest: expect.stringContaining("NEXT_REDIRECT;replace;/settings/security"),
    });
  });

  test("that is refused keeps what may be shown again, and nothing else", async () => {
    const data = formData({ email: "ada@example.org", password: "secret", code: "123456" });
    const { state, store } = await run(data, refusing({ code: "invalid_credentials" }));
    expect(state.values).toEqual({ email: "ada@example.org" });
    expect(JSON.stringify(state)).not.toMatch(/secret|123456/);
    expect(store.status).toBe(401);
  });

  test("says how long to wait", async () => {
    const { store } = await run(formData({}), refusing({ code: "too_many_requests", retryAfterSeconds: 42 }));
    expect(store).toMatchObject({ status: 429, headers: { "Retry-After": "42" } });
  });

  test.each<[Refusal, string]>([
    [{ code: "unauthenticated" }, "/sign-in?callbackUrl=%2Fsettings%2Fsecurity%2Fturn-off"],
    [{ code: "second_factor_required" }, "/sign-in/verify?callbackUrl=%2Fsettings%2Fsecurity%2Fturn-off"],
    [{ code: "step_up_required" }, "/step-up?callbackUrl=%2Fsettings%2Fsecurity%2Fturn-off"],
    [{ code: "challenge_expired" }, "/sign-in?expired=1&callbackUrl=%2Fsettings%2Fpassword"],
    [{ code: "enrolment_required" }, "/settings/security/authenticators/new"],
  ])("refused with %j leads to %s", async (refusal, to) => {
    const { state, store } = await run(formData({ callbackUrl: "/settings/password" }), refusing(refusal));
    expect(state.goTo).toBe(to);
    const gone = [expect.stringMatching(/countersign\.challenge=; .*Expires=Thu, 01 Jan 1970/)];
    expect(store.cookies).toEqual(refusal.code === "challenge_expired" ? gone : []);
  });

  test("that was settled before is shown, and not settled again", async () => {
    request.headers = new Headers();
    const store = newAnswerStore(false);
    const refusal = { code: "invalid_credentials" };
    store.settledForm = { page: plan.page, refusal };
    const use = vi.fn();
    const data = formData({ email: "ada@example.org", password: "secret" });
    const state = await answerStorage().run(store, () => answerForm(data, plan, use));
    expect(use).not.toHaveBeenCalled();
    expect(state).toMatchObject({ refusal, values: { email: "ada@example.org" } });
    expect(store).toMatchObject({ status: 401, actionReached: true });
  });

  test("is settled itself, whatever came of another", async () => {
    const store = newAnswerStore(false);
    store.settledForm = { page: "/sign-in/verify", refusal: { code: "invalid_credentials" } };
    const state = await answerStorage().run(store, () =>
      answerForm(formData({}), plan, refusing({ code: "forbidden" })),
    );
    expect(state.refusal).toEqual({ code: "forbidden" });
  });

  test("gives its cookies", async () => {
    const expires = new Date("2030-01-02T03:04:05Z");
    const cookies = [
      { name: "a", value: "1.x-y_z", expires },
      { name: "b", value: null },
    ];
    const { store } = await run(formData({}), async () => ({ goTo: "/", cookies }));
    expect(store.cookies).toEqual([
      "a=1.x-y_z; Path=/; Expires=Wed, 02 Jan 2030 03:04:05 GMT; HttpOnly; SameSite=Lax",
      "b=; Max-Age=0; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly; SameSite=Lax",
    ]);
  });

  test("never leads to another origin", async () => {
    const { state } = await run(
      formData({ callbackUrl: "//evil.example" }),
      refusing({ code: "challenge_expired" }),
    );
    expect(state.goTo).toBe("/sign-in?expired=1");
  });

  test("says 503 when the database is away, and lets other errors be errors", async () => {
    const away = Object.assign(new Error("connect"), { code: "ECONNREFUSED" });
    const { state, store } = await run(formData({}), async () => Promise.reject(away));
    expect(state.refusal).toEqual({ code: "unavailable" });
    expect(store.status).toBe(503);
    await expect(run(formData({}), async () => Promise.reject(new Error("bug")))).rejects.toThrow("bug");
  });
});

describe("what was sent", () => {
  const read = (name: string) => async (fields: { text(name: string): string }) => ({
    goTo: fields.text(name),
  });

  test.each([
    ["a file", new Blob(["x"]), { field: "email", problem: "malformed" }],
    ["too long", "x".repeat(3000), { field: "email", problem: "too_long" }],
    ["NUL", "a\0b", { field: "email", problem: "malformed" }],
    ["half a surrogate pair", "a\ud800", { field: "email", problem: "malformed" }],
  ])("%s is refused", async (_what, value, refusal) => {
    const data = new FormData();
    // FormData makes whole characters of its texts; what decodes a script's request need not.
    vi.spyOn(data, "get").mockReturnValue(value instanceof Blob ? new File([value], "x") : value);
    const { state, store } = await run(data, read("email"));
    expect(state.refusal).toMatchObject({ code: "invalid_input", ...refusal });
    expect(store.status).toBe(400);
  });

  test.each([undefined, null, "text", 7, [], {}])("%j is no form", async (data) => {
    const { state, store } = await run(data, read("email"));
    expect(state.refusal).toEqual({ code: "not_found" });
    expect(store.status).toBe(404);
  });

  test.each(["", "x", "../../etc", "01ARZ3NDEKTSV4RRFFQ69G5FA\0", "01arz3ndektsv4rrffq69g5fav"])(
    "%j is no id",
    async (id) => {
      const { state } = await run(formData({ id }), async (fields) => ({ goTo: fields.id("id") }));
      expect(state.refusal).toEqual({ code: "not_found" });
    },
  );

  test("a missing field is empty", async () => {
    const { state } = await run(formData({}), async (fields) => ({ goTo: `/${fields.text("email")}` }));
    expect(state.goTo).toBe("/");
  });
});

describe("a form for signed-in people", () => {
  const runOwn = async () => {
    request.headers = new Headers({ "next-action": "x" });
    const store = newAnswerStore(true);
    return answerStorage().run(store, () =>
      answerOwnForm(formData({}), plan, async () => ({ goTo: "/done" })),
    );
  };

  test("sends others to sign in, or to the code they owe", async () => {
    expect((await runOwn()).goTo).toMatch(/^\/sign-in\?/);
    request.caller = caller({ challengeToken: "x" });
    expect((await runOwn()).goTo).toMatch(/^\/sign-in\/verify\?/);
  });
});
