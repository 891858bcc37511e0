import { beforeEach, expect, test, vi } from "vitest";
import { type Refusal, Refused } from "@/lib/core/refusals";
import { answerStorage, newAnswerStore } from "@/lib/server/answer-store";
import { plainForm } from "./plain-form";
import type { WebForm } from "./sign-in-forms";

vi.mock("./caller", () => ({
  findCaller: async (_headers: Headers, cookie: (name: string) => string | undefined) => ({
    challengeToken: cookie("challenge"),
  }),
}));

const use = vi.fn<WebForm["use"]>();
const form: WebForm = { page: "/sign-in/verify", typed: ["code"], use };

const ACTION = { $ACTION_REF_1: "", "$ACTION_1:0": '{"id":"x"}' };

function dataOf(fields: Record<string, string>): FormData {
  const data = new FormData();
  for (const [name, value] of Object.entries(fields)) data.set(name, value);
  return data;
}

/** Sends a form as the server in front does; tells the answer and the request's store. */
async function send(body: FormData | string, headers: Record<string, string> = {}) {
  const store = newAnswerStore(false);
  const request = new Request("http://localhost:3000/sign-in/verify", { method: "POST", body, headers });
  const answer = await answerStorage().run(store, () => plainForm(form)(request));
  return { answer, store };
}

const refusing = (refusal: Refusal) => use.mockRejectedValueOnce(new Refused(refusal));

beforeEach(() => {
  use.mockReset().mockResolvedValue({ goTo: "/settings" });
});

test("a form that did its work is answered with the way to go and the cookies", async () => {
  use.mockImplementationOnce(async (fields, { challengeToken }) => ({
    goTo: `/${fields.text("code")}/${challengeToken}`,
    cookies: [
      { name: "a", value: "1", expires: new Date(0) },
      { name: "b", value: null },
    ],
  }));
  const { answer, store } = await send(dataOf({ ...ACTION, code: "123456" }), { Cookie: "x=1; challenge=c" });
  expect([answer?.status, answer?.headers.get("location")]).toEqual([303, "/123456/c"]);
  expect(answer?.headers.getSetCookie().map((line) => line.split(";")[0])).toEqual(["a=1", "b="]);
  expect(store).toMatchObject({ actionReached: true, settledForm: null });
});

test("a refusal is left to the page, which finds it in the request's store", async () => {
  refusing({ code: "invalid_code", triesLeft: 4 });
  const { answer, store } = await send(dataOf({ ...ACTION, code: "123456" }));
  expect(answer).toBeNull();
  expect(store).toMatchObject({
    // Next has yet to find the form's action; if it does not, the form was none of this build.
    actionReached: false,
    settledForm: { page: "/sign-in/verify", refusal: { code: "invalid_code", triesLeft: 4 } },
  });
});

test("a refusal that another page helps with leads there", async () => {
  refusing({ code: "challenge_expired" });
  const { answer } = await send(dataOf({ ...ACTION, code: "1", callbackUrl: "//evil.example" }));
  expect(answer?.headers.get("location")).toBe("/sign-in?expired=1");
  expect(answer?.headers.get("set-cookie")).toMatch(/^countersign\.challenge=; /);
});

test.each<[string, FormData | string, string]>([
  ["another form of the page", dataOf(ACTION), ""],
  ["no form of ours", dataOf({ code: "123456" }), ""],
  ["nothing that can be read", "--x\r\nContent-Disposition", "multipart/form-data; boundary=x"],
  ["no boundary", "x", "multipart/form-data;"],
])("%s is left to Next, unsettled", async (_what, body, type) => {
  const { answer, store } = await send(body, type ? { "Content-Type": type } : {});
  expect(answer).toBeNull();
  expect(store.settledForm).toBeNull();
  expect(use).not.toHaveBeenCalled();
});

test("what is no refusal is thrown", async () => {
  use.mockRejectedValueOnce(new Error("bug"));
  await expect(send(dataOf({ ...ACTION, code: "1" }))).rejects.toThrow("bug");
});
