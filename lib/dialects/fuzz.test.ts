import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SCOPES } from "@/lib/core/access/scopes";
import { createApiTokenFor } from "@/lib/core/api-tokens";
import type { Context } from "@/lib/core/context";
import {
  beginChallenge,
  contextOf,
  later,
  makeProtectedPerson,
  testDatabase,
} from "@/lib/core/testing/fixtures";
import { type AddressParts, fillAddress } from "./addresses";
import type { Dialect, Operation } from "./dialect";
import { tables } from "./tables";

// Whatever is sent: never a fault of ours, and a no changes nothing but what counts tries and tells of them.
const RUNS = 25;
const CHALLENGE = "the challenge";
const db = testDatabase();

type Person = Awaited<ReturnType<typeof makeProtectedPerson>>;

/** Everything that must stay as it is when a request is refused. */
async function stateOf(ctx: Context, { user: { id: userId } }: Person): Promise<unknown> {
  const where = { userId };
  return {
    user: await ctx.db.user.findUnique({ where: { id: userId } }),
    factors: await ctx.db.totpFactor.findMany({
      where,
      omit: { accountUnits: true },
      orderBy: { id: "asc" },
    }),
    codes: await ctx.db.recoveryCode.findMany({ where, orderBy: { id: "asc" } }),
    sessions: await ctx.db.session.findMany({ where, omit: { lastSeenAt: true }, orderBy: { id: "asc" } }),
    trusted: await ctx.db.trustedBrowser.count({ where }),
    links: await ctx.db.mailLink.count({ where }),
    known: await ctx.db.knownBrowser.count({ where }),
  };
}

/** The headers by which somebody is known to a dialect, in one of its own ways. */
function proofs(dialect: Dialect, session: string, challenge: string, apiToken: string) {
  const origin = { origin: "http://localhost:3000" };
  const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
  const byDialect: Record<string, Record<string, string>[]> = {
    thogits: [{ cookie: `thogits.session=${session}` }, { cookie: `thogits.challenge=${challenge}` }],
    omnitron: [{ authorization: `Token ${session}` }],
    authentik: [bearer(apiToken)],
    zitadel: [bearer(session), bearer(`challenge.0.${challenge}`)],
    athena: [
      { ...origin, cookie: `better-auth.session_token=${session}` },
      { ...origin, cookie: `better-auth.two_factor=${challenge}` },
      bearer(session),
      bearer(`challenge.${challenge}`),
    ],
  };
  const own = byDialect[dialect.name];
  if (!own) throw new Error(`how does a client of ${dialect.name} prove who it is?`);
  return [{}, ...own];
}

const strangeText = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.constantFrom("", "\0", "\ud800", "000000", "A".repeat(3000), "you@example.org", "٣٤٥٦٧٨", "true"),
);
const strangeValue = fc.oneof({ weight: 4, arbitrary: strangeText }, fc.jsonValue(), fc.constant(null));

/** Bodies that are nearly right, and bodies that are nothing. */
function bodies(operation: Operation): fc.Arbitrary<string | Uint8Array<ArrayBuffer>> {
  // An object's schema names its fields; others have none to name.
  const shape = operation.body !== null && "shape" in operation.body ? Object(operation.body.shape) : {};
  const fields = Object.keys(shape);
  const near = fc.record(Object.fromEntries(fields.map((name) => [name, strangeValue])), {
    requiredKeys: [],
  });
  return fc.oneof(
    { weight: 4, arbitrary: near.map((body) => JSON.stringify(body)) },
    fc.jsonValue().map((body) => JSON.stringify(body)),
    fc.string({ unit: "binary" }),
    fc.uint8Array().map((bytes) => new Uint8Array(bytes)),
    fc.constant("[".repeat(60_000)),
    fc.constant("x".repeat(70_000)),
  );
}

/** The parts of an address: of the person who asks. */
function partsOf({ path }: Operation, person: Person): AddressParts {
  const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => name);
  return Object.fromEntries(names.map((name) => [name, name === "id" ? person.user.id : person.factorId]));
}

const header = fc.string({ minLength: 0, maxLength: 60 }).map((text) => text.replace(/[^\x20-\x7e]/g, ""));
const extraHeaders = fc.dictionary(
  fc.constantFrom("cookie", "authorization", "origin", "sec-fetch-site", "user-agent", "content-length"),
  header,
  { maxKeys: 2 },
);

for (const { dialect } of tables) {
  describe(dialect.title, () => {
    it.each(dialect.operations.map((each) => [`${each.method} ${each.path}`, each] as const))(
      "%s: no fault of ours, and a no changes nothing",
      async (_, operation) => {
        const start = contextOf(db);
        const ctx = { ...later(start, 300), settings: { ...start.settings, rateLimitAddress: false } };
        let person = await makeProtectedPerson(start);
        // An administrator's, for everybody's devices: its own account is nobody's whose state is looked at.
        const administrator = await makeProtectedPerson(start, { isAdmin: true });
        const asked = { email: administrator.email, name: "Fuzz", scopes: SCOPES, actor: "test" };
        const { token: apiToken } = await createApiTokenFor(start, asked);
        await fc.assert(
          fc.asyncProperty(
            bodies(operation),
            fc.constantFrom("application/json", "application/json; charset=utf-8", "text/plain", ""),
            extraHeaders,
            fc.nat(4),
            async (body, type, extra, which) => {
              const ways = proofs(dialect, person.token, CHALLENGE, apiToken);
              const chosen = JSON.stringify(ways[which % ways.length]);
              // Each costs a password's hash, and is dead after five tries: begun only where it is sent.
              const challenge = chosen.includes(CHALLENGE) ? await beginChallenge(ctx, person.email) : "";
              const headers = new Headers({
                ...(type ? { "content-type": type } : {}),
                ...extra,
                ...JSON.parse(chosen.replace(CHALLENGE, challenge)),
              });
              const init = operation.method === "GET" ? {} : { body };
              const url = `http://localhost:3000${fillAddress(operation.path, partsOf(operation, person))}`;
              const before = await stateOf(ctx, person);
              const answer = await dialect.answer(
                new Request(url, { method: operation.method, headers, ...init }),
                (_headers, brought) => ({ ...ctx, ...brought }),
              );
              expect(answer.status).toBeLessThan(500);
              if (answer.status >= 400) expect(await stateOf(ctx, person)).toEqual(before);
              // What was allowed may have ended the session, or more.
              else if (operation.method !== "GET") person = await makeProtectedPerson(contextOf(db));
              await db.factorBudget.updateMany({
                where: { userId: person.user.id },
                data: { failures: [], waitUntil: null },
              });
            },
          ),
          { numRuns: RUNS },
        );
      },
    );
  });
}
