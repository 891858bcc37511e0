import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { COUNTED_TRIES, type KeptRows, keepRows } from "@/lib/db/testing/kept-rows";
import { startOwnTestDatabase } from "@/lib/db/testing/test-database";
import {
  asHeader,
  changedText,
  fuzzParameters,
  mostly,
  strangeBody,
  strangeHeaders,
  strangeText,
  strangeType,
} from "@/lib/testing/strange-input";
import { fillAddress } from "./addresses";
import { ASKERS, type Asker, type Case } from "./cases";
import { type Dialect, endpointOf, type Operation } from "./dialect";
import { methodOf, openApiOf } from "./openapi";
import { tables } from "./tables";
import { become, proofOf, type Someone } from "./testing/askers";
import { filled } from "./testing/fill";

// Whatever is sent: never a fault of ours, no status that the documents do not have, and a no changes nothing but what counts
// tries and tells of them. Each case is one of the dialect's own (cases.ts) with something wrong in it. People are made once, and
// every row is put back after what was allowed: a password and ten recovery codes cost more than a hundred cases.
const RESTORED_EVERY = 25;
const askers = new Map<Asker, Someone>();
let database: Awaited<ReturnType<typeof startOwnTestDatabase>>;
let kept: KeptRows;

beforeAll(async () => {
  database = await startOwnTestDatabase();
  // Object.keys forgets the names; these are they.
  for (const who of Object.keys(ASKERS) as Asker[]) askers.set(who, await become(database.db, who));
  kept = await keepRows(database.connection, COUNTED_TRIES);
});
afterAll(async () => {
  await kept.stop();
  await database.stop();
});

/** One request before anything is wrong with it, and who sends it. */
type Right = { someone: Someone; one: Case; proofs: Record<string, string>[] };

/** An operation's own cases, as long as they have tries left. */
function rightOf(dialect: Dialect, cases: readonly Case[]): Right[] {
  return cases.flatMap((one) => {
    const someone = askers.get(one.who);
    if (!someone || one.outOfTries) return [];
    return [{ someone, one, proofs: proofsOf(dialect, someone) }];
  });
}

/** The ways in which somebody proves to a dialect who they are. */
function proofsOf(dialect: Dialect, someone: Someone): Record<string, string>[] {
  const own = proofOf(dialect, someone);
  if (dialect.name !== "athena") return [own];
  const { session, challenge } = someone;
  const cookie = [
    ...(session ? [`better-auth.session_token=${session}`] : []),
    ...(challenge ? [`better-auth.two_factor=${challenge}`] : []),
  ].join("; ");
  return cookie ? [own, { cookie, origin: "http://localhost:3000" }] : [own];
}

/** Everybody's tokens: what is good for one is sent as another's. */
const tokens = () =>
  [...askers.values()]
    .flatMap(({ session, challenge, apiToken }) => [session, challenge, apiToken])
    .filter(Boolean);

function strangeProof(proofs: Record<string, string>[]): fc.Arbitrary<Record<string, string>> {
  const ways = proofs.map((proof) => {
    const [name] = Object.keys(proof).filter((each) => each !== "origin");
    if (name === undefined) return fc.constant(proof);
    const right = proof[name] ?? "";
    const [, before = "", token = right] = /^(.*[ =])(.*)$/s.exec(right) ?? [];
    const another = fc.constantFrom(...tokens()).map((other) => `${before}${other}`);
    const dressed = [`__Host-${right}`, `__Secure-${right}`, `${right}; ${right}`, `${before}x; ${right}`];
    const changed = fc.oneof(
      changedText(token).map((text) => `${before}${text}`),
      changedText(right, dressed),
      another,
      another.map((other) => `${other}; ${right}`),
    );
    return mostly(
      proof,
      changed.map((text) => ({ ...proof, [name]: asHeader(text) })),
    );
  });
  return fc.oneof(...ways);
}

const strangeQuery = fc.array(
  fc.tuple(
    fc.oneof(fc.constantFrom("page", "ordering", "search", "user", "name", "page_size"), strangeText),
    strangeText,
  ),
  {
    minLength: 1,
    maxLength: 3,
  },
);

/** A request that has something wrong with it. */
function strangeRequest(operation: Operation, { someone, one, proofs }: Right) {
  const named = (text: string) => someone.values[text] ?? text;
  const parts = Object.entries(one.at ?? {}).map(([name, value]) => [name, named(value)] as const);
  const strangeParts = fc.record(
    Object.fromEntries(
      parts.map(([name, value]) => [
        name,
        fc.oneof(fc.constant(value), changedText(value, Object.values(someone.values))),
      ]),
    ),
  );
  const query = one.query?.replaceAll(/<[^>]+>/g, (name) => encodeURIComponent(named(name))) ?? "";
  const right = one.sends === undefined ? undefined : filled(one.sends, someone.values);
  const body =
    operation.method === "GET"
      ? fc.constant(undefined)
      : fc.oneof(
          { weight: 1, arbitrary: fc.constant(right === undefined ? "" : JSON.stringify(right)) },
          { weight: 6, arbitrary: strangeBody(right) },
        );
  return fc.record({
    parts: parts.length === 0 ? fc.constant({}) : mostly(Object.fromEntries(parts), strangeParts),
    query: mostly(
      query,
      fc.oneof(
        changedText(query),
        strangeQuery.map((pairs) =>
          pairs.map((pair) => pair.map((text) => encodeURIComponent(wellFormed(text))).join("=")).join("&"),
        ),
      ),
    ),
    body,
    type: mostly("application/json", strangeType),
    proof: strangeProof(proofs),
    extra: mostly({}, strangeHeaders),
  });
}

type Strange = ReturnType<typeof strangeRequest> extends fc.Arbitrary<infer T> ? T : never;

function requestOf(operation: Operation, { parts, query, body, type, proof, extra }: Strange): Request {
  const headers = new Headers({ ...(type ? { "content-type": type } : {}), ...extra, ...proof });
  const sayable = Object.fromEntries(
    Object.entries(parts).map(([name, text]) => [name, wellFormed(String(text))]),
  );
  const url = new URL(fillAddress(operation.path, sayable), "http://localhost:3000");
  url.search = wellFormed(query);
  return new Request(url, { method: operation.method, headers, ...(body === undefined ? {} : { body }) });
}

/** An address is UTF-8, in which half of a surrogate pair cannot be said. */
function wellFormed(text: string): string {
  return Buffer.from(text).toString();
}

for (const { dialect, cases } of tables) {
  const described = openApiOf(dialect).paths;
  describe(dialect.title, () => {
    it.each(dialect.operations.map((each) => [`${each.method} ${each.path}`, each] as const))(
      "%s: no fault of ours, no status but its own, and a no changes nothing",
      async (_, operation) => {
        const endpoint = endpointOf(dialect, operation);
        const rights = rightOf(dialect, cases[endpoint] ?? []);
        expect(rights.length).toBeGreaterThan(0);
        const path = endpoint.slice(endpoint.indexOf(" ") + 1);
        const statuses = Object.keys(described[path]?.[methodOf(operation)]?.responses ?? {}).map(Number);
        // A part that makes no address, or another one.
        const own = new Set([...statuses, ...(operation.path.includes("{") ? [404, 405] : [])]);
        own.delete(500);
        own.delete(503);
        await kept.restore();
        let runs = 0;
        // Made once: that costs more than to draw from them.
        const requests = rights.map((right) =>
          strangeRequest(operation, right).map((strange) => ({ right, strange })),
        );
        const property = fc.asyncProperty(fc.oneof(...requests), async ({ right, strange }) => {
          const { someone, one } = right;
          const settings = { ...someone.ctx.settings, ...one.settings, rateLimitAddress: false };
          const request = requestOf(operation, strange);
          // gRPC-Web says yes and no in what follows its 200, and of these addresses has no method.
          const isRpc =
            dialect.grpc && request.headers.get("content-type")?.startsWith("application/grpc-web");
          const answer = await dialect.answer(request, (_headers, brought) => ({
            ...someone.ctx,
            settings,
            ...brought,
          }));
          expect(isRpc ? [200] : [...own], await answer.clone().text()).toContain(answer.status);
          const changed = await kept.changed();
          runs += 1;
          if (changed.length > 0 || runs % RESTORED_EVERY === 0) await kept.restore();
          if (answer.status >= 400) expect(changed).toEqual([]);
        });
        await fc.assert(property, fuzzParameters());
      },
    );
  });
}
