import Ajv2020 from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { describe, expect, it } from "vitest";
import { testDatabase } from "@/lib/core/testing/fixtures";
import { openDatabase } from "@/lib/db/client";
import { type Case, TROUBLE_NAMES, type Trouble } from "./cases";
import { type Dialect, endpointOf, type Operation } from "./dialect";
import { methodOf, openApiOf } from "./openapi";
import { tables } from "./tables";
import { ask, become, keeping, type Someone, spendTries } from "./testing/askers";
import { expected, filled } from "./testing/fill";
import { expectPublished } from "./testing/published";

// Runs the tables of what each dialect answers, whole, to whom, and with which status. Every answer is also held to the
// dialect's own OpenAPI document, and Omnitron's to the one that Omnitron published.
const db = testDatabase();
const ajv = new Ajv2020({ strict: false });
addFormats(ajv);

/** Fails for an answer that the dialect's document does not have, or has otherwise. */
function expectDocumented(dialect: Dialect, operation: Operation, status: number, body: unknown): void {
  const document = openApiOf(dialect);
  const item = document.paths[endpointOf(dialect, operation).split(" ")[1] ?? ""];
  const described = item?.[methodOf(operation)]?.responses[status];
  expect(described, `${status} is documented`).toBeDefined();
  const schema = described?.content?.["application/json"].schema;
  if (schema === undefined) {
    expect(body).toBeUndefined();
    return;
  }
  const { Failure } = document.components.schemas;
  const isRight = ajv.validate(status < 400 ? schema : Failure, body);
  expect(isRight, ajv.errorsText(ajv.errors)).toBe(true);
}

/** Answers that ask for a wait say for how many seconds (RFC 9110, section 10.2.3), and no others do. */
function expectWait({ status, headers }: { status: number; headers: Headers }): void {
  const said = headers.get("retry-after");
  if (status === 429 || status === 503) expect(said).toMatch(/^[1-9]\d*$/);
  else expect(said).toBeNull();
}

/** Those who only read: it changes nothing, so one of each kind does for all of a dialect's cases. */
const readers = new Map<string, Promise<Someone>>();

/** Somebody for a case; somebody new, unless nothing but reading comes of it. */
function someoneFor(dialect: Dialect, endpoint: string, { who, outOfTries, next }: Case): Promise<Someone> {
  if (!endpoint.startsWith("GET ") || outOfTries || next) return become(db, who);
  const key = `${dialect.name}: ${who}`;
  const reader = readers.get(key) ?? become(db, who);
  readers.set(key, reader);
  return reader;
}

/** What a case was answered with is what it says, and what follows it too. */
async function expectAnswer(dialect: Dialect, endpoint: string, each: Case) {
  const someone = await someoneFor(dialect, endpoint, each);
  const { values } = someone;
  if (each.outOfTries) await spendTries(someone, each.outOfTries);
  const sends = filled(each.sends, values);
  const { at, query, settings } = each;
  const answer = await ask(dialect, someone, { asks: endpoint, at, query, sends, settings });
  const { status, body, headers } = answer;
  expect({ status, body }).toEqual({ status: each.status, body: expected(each.answers, values) });
  expectWait(answer);
  expect(headers.get("cache-control")).toBe("no-store");
  if (status >= 400)
    expect(
      headers.getSetCookie().filter((line) => !/^[^=]+=;/.test(line)),
      "a no gives nothing",
    ).toEqual([]);
  const names = headers.getSetCookie().map((line) => line.split("=")[0]);
  expect(names, "no cookie is set twice").toEqual([...new Set(names)]);
  const { next } = each;
  if (next) {
    const after = keeping(someone, headers);
    const sent = filled(next.sends, after.values);
    const then = await ask(dialect, after, { asks: next.asks, at: next.at ?? at, sends: sent });
    const seen = { status: then.status, body: then.body };
    expect(seen).toEqual({ status: next.status, body: expected(next.answers, after.values) });
  }
  return { ...answer, someone };
}

/** Sends a request in which something is wrong. */
async function meet(trouble: Trouble, dialect: Dialect, operation: Operation, good: Case, someone: Someone) {
  const asks = endpointOf(dialect, operation);
  const { at } = good;
  const sends = filled(good.sends, someone.values);
  const json = { "content-type": "application/json" };
  switch (trouble) {
    case "too_large":
      return ask(dialect, someone, { asks, at, sends: { email: "x".repeat(70_000) } });
    case "not_json":
      return ask(dialect, someone, { asks, at, sends: "a=b", headers: { "content-type": "text/plain" } });
    case "malformed":
      return ask(dialect, someone, { asks, at, sends: "{", headers: json });
    case "not_an_object":
      return ask(dialect, someone, { asks, at, sends: [] });
    case "foreign_origin":
      return ask(dialect, someone, { asks, at, sends, headers: { origin: "https://elsewhere.example" } });
    case "unavailable": {
      // Nothing listens there.
      const gone = openDatabase({ host: "127.0.0.1", port: 1 });
      const there = { ...someone, ctx: { ...someone.ctx, db: gone } };
      return ask(dialect, there, { asks, at, sends }).finally(() => gone.$disconnect());
    }
    case "crashed": {
      const ctx = Object.defineProperty({ ...someone.ctx }, "db", {
        enumerable: true,
        get: () => new Proxy({}, { get: () => () => Promise.reject(new Error("a fault put here")) }),
      });
      return ask(dialect, { ...someone, ctx }, { asks, at, sends });
    }
  }
}

describe.each(tables)("$dialect.title", ({ dialect, cases, troubles }) => {
  const rows = Object.entries(cases).flatMap(([endpoint, all]) => all.map((each) => ({ endpoint, ...each })));
  const operationAt = (endpoint: string) =>
    dialect.operations.find((operation) => endpointOf(dialect, operation) === endpoint);

  it.each(rows)("$endpoint: $who, $status", async ({ endpoint, ...each }) => {
    const { status, body } = await expectAnswer(dialect, endpoint, each);
    const operation = operationAt(endpoint);
    if (operation) expectDocumented(dialect, operation, status, body);
    const [method, path = ""] = endpoint.split(" ");
    if (dialect.name === "omnitron" && method === "POST") expectPublished(path, status, body);
  });

  it("has a case for each status that an operation documents", () => {
    const asked = new Set(rows.map(({ endpoint, status }) => `${endpoint} ${status}`));
    const documented = dialect.operations.flatMap((operation) =>
      Object.keys(operation.answers).map((status) => `${endpointOf(dialect, operation)} ${status}`),
    );
    expect(documented.filter((each) => !asked.has(each))).toEqual([]);
  });

  describe.each(dialect.operations)("$method $path", (operation) => {
    const good = rows.find(({ endpoint, status }) => operationAt(endpoint) === operation && status < 400);
    const troublesHere = TROUBLE_NAMES.flatMap((name) => {
      const answered = troubles[name];
      const isOfBody = ["too_large", "not_json", "malformed", "not_an_object", "foreign_origin"].includes(
        name,
      );
      // Only what is sent has a body, and comes from somewhere.
      return answered === null || (isOfBody && operation.method === "GET") ? [] : [{ name, answered }];
    });

    it("answers with and without a slash at the end of its address", async () => {
      const [, path = ""] = endpointOf(dialect, operation).split(" ");
      const other = path.endsWith("/") ? path.slice(0, -1) : `${path}/`;
      if (!good) throw new Error("no case of this succeeds");
      const { endpoint, ...each } = good;
      await expectAnswer(dialect, endpoint.replace(path, other), each);
    });

    // None of these changes anything, so one person meets them all.
    let met: Promise<Someone> | null = null;
    it.each(troublesHere)("answers $name in its own words", async ({ name, answered }) => {
      if (!good) throw new Error("no case of this succeeds");
      met ??= become(db, good.who);
      const answer = await meet(name, dialect, operation, good, await met);
      const { status, body } = answer;
      expectWait(answer);
      expect({ status, body }).toEqual({ status: answered.status, body: expected(answered.answers, {}) });
      expectDocumented(dialect, operation, status, body);
    });
  });

  it("marks what it does with its name in the audit trail", async () => {
    // A sign-in as far as its code, or where there is none, a device that is made.
    const logIn = rows.find(
      ({ who, answers }) =>
        who === "protected" &&
        /temp_token|needs_2fa|twoFactorToken|<challenge token>/.test(JSON.stringify(answers)),
    );
    const done = logIn ?? rows.find(({ who, status }) => who === "administrator's token" && status === 201);
    if (!done) throw new Error("no case leaves a trace");
    const someone = await become(db, done.who);
    await ask(dialect, someone, { asks: done.endpoint, sends: filled(done.sends, someone.values) });
    const kind = logIn ? "sign_in.challenged" : "totp.provisioned";
    const where = { actor: someone.userId, kind, via: dialect.name };
    expect(await db.event.count({ where })).toBe(1);
  });
});
