import { expect, it, vi } from "vitest";
import { completeSignIn } from "@/lib/core/challenges";
import { testDatabase } from "@/lib/core/testing/fixtures";
import { ImpatientClient } from "@/lib/db/impatient-client";
import { athena } from "./athena";
import { tables } from "./tables";
import { ask, become } from "./testing/askers";
import { filled } from "./testing/fill";

// The code step is what everybody waits for: in no dialect does it ask more of the database than the pages do.
const db = testDatabase();

/** How many statements something sends to the database. */
async function counted(work: () => Promise<unknown>): Promise<number> {
  const sent = vi.spyOn(ImpatientClient.prototype, "query");
  await work();
  const count = sent.mock.calls.length;
  sent.mockRestore();
  return count;
}

async function ofThePages(code: "<code>" | "<wrong code>"): Promise<number> {
  const { ctx, challenge, values } = await become(db, "owed");
  const typed = { challengeToken: challenge, code: values[code] ?? "" };
  return counted(() => completeSignIn(ctx, typed).catch(() => null));
}

const STEPS = tables.flatMap(({ dialect, cases }) =>
  Object.entries(cases).flatMap(([endpoint, all]) => {
    const isFirst = all[0]?.who === "owed";
    const isStep = isFirst && /verify(?:-totp)?\/?$|sessions\/\{id\}$/.test(endpoint);
    return isStep && all[0] ? [{ dialect, endpoint, title: dialect.title, right: all[0] }] : [];
  }),
);

it("each dialect that people sign in by has one code step here", () => {
  const signsIn = tables.filter(({ dialect }) => dialect.operations.some(({ needs }) => needs !== "acting"));
  expect(STEPS.map(({ dialect }) => dialect.name)).toEqual(signsIn.map(({ dialect }) => dialect.name));
});

it.each(STEPS)("the code step of $title costs two statements, as the pages' does", async (step) => {
  const owing = await become(db, "owed");
  const sends = filled(step.right.sends, owing.values);
  const spent = await counted(() =>
    ask(step.dialect, owing, { asks: step.endpoint, at: step.right.at, sends }),
  );
  expect(spent).toBe(2);
  expect(spent).toBe(await ofThePages("<code>"));
});

it.each(STEPS)("a wrong code costs no more in $title than on the pages", async (step) => {
  const owing = await become(db, "owed");
  const wrong = { ...owing.values, "<code>": owing.values["<wrong code>"] ?? "" };
  const sends = filled(step.right.sends, wrong);
  const spent = await counted(() =>
    ask(step.dialect, owing, { asks: step.endpoint, at: step.right.at, sends }),
  );
  expect(spent).toBe(await ofThePages("<wrong code>"));
});

it("the code step of Athena costs as many by cookie as by a bearer token", async () => {
  const owing = await become(db, "owed");
  const cookie = `better-auth.two_factor=${owing.challenge}`;
  const headers = { authorization: "", cookie, origin: "http://localhost:3000" };
  const request = {
    asks: "POST /api/auth/two-factor/verify-totp",
    sends: filled({ code: "<code>" }, owing.values),
  };
  let status = 0;
  const spent = await counted(async () => {
    status = (await ask(athena, owing, { ...request, headers })).status;
  });
  expect([status, spent]).toEqual([200, 2]);
});
