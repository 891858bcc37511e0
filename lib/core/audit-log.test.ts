import { describe, expect, it } from "vitest";
import { Prisma } from "@/lib/db/generated/client";
import type { Acting } from "./access/guard";
import { createApiTokenFor, readApiToken } from "./api-tokens";
import { type AuditQuery, readFilters } from "./audit-filters";
import { type AuditEvent, exportEvents, searchEvents } from "./audit-log";
import { filtersOf, pageStatement, reachStatement, readEvents } from "./audit-walk";
import type { Context } from "./context";
import { type EventKind, eventRow, recordEvent } from "./events";
import { newId } from "./ids";
import {
  contextOf,
  expectRefusal,
  later,
  makePerson,
  makeProtectedPerson,
  refusalOf,
  testDatabase,
} from "./testing/fixtures";

const db = testDatabase();

const makeAdministrator = async (ctx: Context) =>
  (await makeProtectedPerson(ctx, { isAdmin: true })).signedIn;

/** Somebody whom nothing happened to but what a test writes down: the ids of accounts need not be anybody's. */
const nobody = (ctx: Context) => newId(ctx.now);

/** Writes down so many events about somebody, a minute apart. Returns their ids, the oldest first. */
async function happen(ctx: Context, userId: string, count: number, kind: EventKind = "totp.tested") {
  const data = Array.from({ length: count }, (_, index) =>
    eventRow(later(ctx, index * 60), { kind, userId }),
  );
  await db.event.createMany({ data });
  return data.map(({ id }) => id);
}

const ids = (events: readonly AuditEvent[]) => events.map(({ id }) => id);

async function tokenOf(ctx: Context, scopes: string[], isAdmin = true): Promise<Acting> {
  const { email, user } = await makePerson(ctx, { isAdmin: true });
  const { token } = await createApiTokenFor(ctx, { email, name: "Archive", scopes, actor: "test" });
  if (!isAdmin) await db.user.update({ where: { id: user.id }, data: { isAdmin: false } });
  const holder = await readApiToken(ctx, token);
  if (!holder) throw new Error("this token should be live");
  return holder;
}

describe("the audit log", () => {
  it("is for administrators with two-factor sign-in, and tokens of theirs that are for it", async () => {
    const ctx = contextOf(db);
    const search = (acting: Acting) => searchEvents(ctx, acting, { limit: 1 });
    expect((await search(await makeAdministrator(ctx))).events).toHaveLength(1);
    expect((await search(await tokenOf(ctx, ["audit:read"]))).events).toHaveLength(1);
    for (const acting of [
      (await makePerson(ctx)).signedIn,
      (await makeProtectedPerson(ctx)).signedIn,
      await tokenOf(ctx, ["audit:read"], false),
    ]) {
      await expectRefusal(search(acting), "forbidden");
      await expectRefusal(exportEvents(ctx, acting, {}, "csv"), "forbidden");
    }
    await expectRefusal(search((await makePerson(ctx, { isAdmin: true })).signedIn), "enrolment_required");
    await expectRefusal(search(await tokenOf(ctx, ["audit:read.own"])), "insufficient_scope");
  });

  it("is searched by person, actor, event, way in and time, and by all of them at once", async () => {
    const ctx = contextOf(db);
    const admin = await makeAdministrator(ctx);
    const { user, email } = await makePerson(ctx);
    const program = { ...later(ctx, 86_400), via: "athena" };
    await recordEvent(program, { kind: "totp.removed", userId: user.id, actor: admin.user.id });
    await recordEvent(later(program, 60), {
      kind: "totp.renamed",
      userId: user.id,
      details: { name: "Tablet" },
    });
    const found = async (query: AuditQuery) =>
      (await searchEvents(ctx, admin, { person: user.id, ...query, limit: 100 })).events.map(
        ({ kind }) => kind,
      );
    const all = await found({});
    expect(all.slice(0, 2)).toEqual(["totp.renamed", "totp.removed"]);
    expect(all).toContain("account.created");
    for (const person of [email, ` ${email.toUpperCase()} `, String(user.number), user.id.toLowerCase()])
      expect(await found({ person })).toEqual(all);
    expect(await found({ actor: admin.user.email })).toEqual(["totp.removed"]);
    expect(await found({ actor: "cli" })).toEqual([]);
    expect(await found({ kind: "totp.removed" })).toEqual(["totp.removed"]);
    expect(await found({ kind: "totp.*" })).toEqual(["totp.renamed", "totp.removed"]);
    expect(await found({ via: "athena" })).toEqual(["totp.renamed", "totp.removed"]);
    expect(await found({ from: later(program, 1).now })).toEqual(["totp.renamed"]);
    expect(await found({ from: program.now, until: later(program, 60).now })).toEqual(["totp.removed"]);
    expect(await found({ until: ctx.now })).toEqual([]);
    const everything = { actor: admin.user.id, kind: "totp.*", via: "athena", from: ctx.now };
    expect(await found(everything)).toEqual(["totp.removed"]);
    expect(await found({ ...everything, kind: "session.revoked" })).toEqual([]);
    // Whatever leads, the answer is the same.
    for (const lead of [{ actor: admin.user.id }, { kind: "totp.*" }, { via: "athena" }]) {
      const { events } = await searchEvents(ctx, admin, {
        ...lead,
        from: program.now,
        until: later(program, 1).now,
        limit: 100,
      });
      expect(events.filter(({ person }) => person?.id === user.id).map(({ kind }) => kind)).toEqual([
        "totp.removed",
      ]);
    }
  });

  it("shows people by their address, and who is gone by an id", async () => {
    const ctx = contextOf(db);
    const admin = await makeAdministrator(ctx);
    const { user, email } = await makePerson(ctx);
    const search = async () => (await searchEvents(ctx, admin, { person: user.id, limit: 1 })).events[0];
    expect(await search()).toMatchObject({ person: { id: user.id, email }, actor: { id: user.id, email } });
    await db.user.delete({ where: { id: user.id } });
    expect(await search()).toMatchObject({ person: { id: user.id, email: null } });
  });

  it("is read page by page in both directions, each event once, also while more happens", async () => {
    const ctx = contextOf(db);
    const admin = await makeAdministrator(ctx);
    const userId = nobody(ctx);
    const happened = (await happen(ctx, userId, 25)).reverse();
    const page = (way: AuditQuery) => searchEvents(ctx, admin, { person: userId, limit: 10, ...way });
    const first = await page({});
    expect(first.newerThan).toBeNull();
    await happen(later(ctx, 86_400), userId, 1);
    const second = await page({ before: first.olderThan ?? "" });
    const third = await page({ before: second.olderThan ?? "" });
    expect([first, second, third].flatMap(({ events }) => ids(events))).toEqual(happened);
    expect(third.olderThan).toBeNull();
    expect(await page({ after: third.newerThan ?? "" })).toEqual(second);
    const backAtFirst = await page({ after: second.newerThan ?? "" });
    expect(ids(backAtFirst.events)).toEqual(ids(first.events));
    expect((await page({ after: backAtFirst.newerThan ?? "" })).events).toHaveLength(1);
  });

  it("says what nothing can be found by, and does not show everything instead", async () => {
    const ctx = contextOf(db);
    const admin = await makeAdministrator(ctx);
    const wrong: [AuditQuery, string][] = [
      [{ person: "nobody-has-this@example.org" }, "person"],
      [{ person: "2147483647" }, "person"],
      [{ person: "9999999999" }, "person"],
      [{ person: "not an address" }, "person"],
      [{ person: "a\0b@example.org" }, "person"],
      [{ person: "cli" }, "person"],
      [{ actor: "nobody-has-this@example.org" }, "actor"],
      [{ kind: "totp" }, "kind"],
      [{ kind: "*" }, "kind"],
      [{ kind: ".*" }, "kind"],
      [{ kind: "__proto__" }, "kind"],
      [{ via: "telepathy" }, "via"],
      [{ from: ctx.now, until: ctx.now }, "to"],
      [{ before: "x" }, "before"],
      [{ after: "' OR 1=1" }, "after"],
    ];
    for (const [query, field] of wrong) {
      const refusal = { code: "invalid_input", field };
      expect(await refusalOf(searchEvents(ctx, admin, { ...query, limit: 1 }))).toMatchObject(refusal);
      expect(await refusalOf(exportEvents(ctx, admin, query, "csv"))).toMatchObject(refusal);
    }
    const exported = { kind: "audit.exported", userId: admin.user.id };
    expect(await db.event.count({ where: exported })).toBe(0);
    const blank = { person: " ", actor: "", kind: "", via: "", before: "", after: "" };
    expect((await searchEvents(ctx, admin, { ...blank, limit: 1 })).events).toHaveLength(1);
  });
});

describe("an export", () => {
  const readAll = async (pages: AsyncGenerator<AuditEvent[], void>) => {
    const all: AuditEvent[] = [];
    for await (const page of pages) {
      expect(page.length).toBeLessThanOrEqual(1000);
      all.push(...page);
    }
    return all;
  };

  it("has every event once, the newest first, and none that happens after its beginning", async () => {
    const ctx = contextOf(db);
    const admin = await makeAdministrator(ctx);
    const userId = nobody(ctx);
    const happened = (await happen(ctx, userId, 2000)).reverse();
    const pages = await exportEvents(ctx, admin, { person: userId }, "csv");
    await happen(later(ctx, 200_000), userId, 3);
    expect(ids(await readAll(pages))).toEqual(happened);
    expect(await readAll(await exportEvents(ctx, admin, { person: nobody(ctx) }, "csv"))).toEqual([]);
  });

  it("is in the audit log itself, with who asked for what, before anything of it is read", async () => {
    const ctx = contextOf(db);
    const holder = await tokenOf(ctx, ["audit:read"]);
    const { user } = await makePerson(ctx);
    const query = { person: user.email, kind: "totp.*", until: ctx.now };
    await exportEvents({ ...ctx, via: "api" }, holder, query, "jsonl");
    const where = { kind: "audit.exported", userId: holder.user.id };
    expect(await db.event.findMany({ where })).toMatchObject([
      {
        actor: holder.user.id,
        via: "api",
        details: {
          format: "jsonl",
          person: user.id,
          kind: "totp.*",
          until: ctx.now.toISOString(),
          token: "Archive",
        },
      },
    ]);
  });
});

/** Everything that EXPLAIN says of a statement's plan, as text. */
const planOf = async (tx: Prisma.TransactionClient, statement: Prisma.Sql) =>
  (await tx.$queryRaw<{ "QUERY PLAN": string }[]>(Prisma.sql`EXPLAIN ${statement}`))
    .map((row) => row["QUERY PLAN"])
    .join("\n");

/** The indexes by which a plan reads the table, and "all of it". */
const readsIn = (plan: string) =>
  [
    ...plan.matchAll(
      /Index(?: Only)? Scan(?: Backward)? using (\w+) on event|Bitmap Index Scan on (\w+)|Seq Scan on event/g,
    ),
  ].map(([, walked, collected]) => walked ?? collected ?? "all of it");

/** Fewer than the database guesses that any search finds of the rows below: as a page is of a log that is long. */
const FEW = 5;
/** On a busy machine. */
const PATIENCE = { timeout: 60_000 };
const SOMEBODY = "0".repeat(26);
const INDEXES = {
  userId: "event_user_id_id_idx",
  actor: "event_actor_id_idx",
  kinds: "event_kind_id_idx",
  via: "event_via_id_idx",
};
const SEARCHES: AuditQuery[] = [
  {},
  { from: new Date(0), until: new Date(1e12), before: SOMEBODY },
  { person: SOMEBODY, kind: "policy.changed", via: "pages", from: new Date(0) },
  { actor: "cli", kind: "sign_in.succeeded" },
  { kind: "totp.*", via: "zitadel", before: SOMEBODY },
  { via: "pages", after: SOMEBODY },
];

describe("a page of the audit log", () => {
  it("is read by the index of one filter and needs no other, with and without statistics", async () => {
    const ctx = contextOf(db);
    const undone = new Error("undone");
    const read = db.$transaction(async (tx) => {
      // Enough that it matters; undone afterwards, as nothing else could take it away.
      await tx.$executeRaw`INSERT INTO event (id, created_at, kind, user_id, actor, via, address, user_agent, details)
        SELECT lpad(n::text, 26, '0'), now(), 'sign_in.succeeded', 'u' || n % 7, 'u' || n % 7, 'pages', '', '', '{}'
        FROM generate_series(1000000, 1020000) n`;
      // Of so few rows the database may rather read all; what is asked here is by what else it can be read.
      await tx.$executeRaw`SET LOCAL enable_seqscan = off`;
      for (const isKnown of [false, true]) {
        if (isKnown) await tx.$executeRaw`ANALYZE event`;
        for (const query of SEARCHES) {
          const filters = await readFilters(ctx, query);
          const set = filtersOf(filters);
          for (const order of ["ASC", "DESC"] as const) {
            for (const lead of set.length === 0 ? [null] : set) {
              const plan = await planOf(tx, pageStatement(filters, lead, order, FEW));
              expect(readsIn(plan)).toEqual([lead ? INDEXES[lead] : "event_pkey"]);
              // Of several filters' a stride at most is put in order; where there is one, nothing is below the page's end.
              if (set.length < 2)
                expect(plan.match(/Limit[^\n]*\n\s*-> {2}\w+/g)?.at(-1)).toMatch(/-> {2}Index$/);
            }
            const reached =
              set.length < 2 ? [] : readsIn(await planOf(tx, reachStatement(filters, order, FEW)));
            expect(reached).toEqual(set.length < 2 ? [] : set.map((name) => INDEXES[name]));
          }
        }
      }
      throw undone;
    }, PATIENCE);
    await expect(read).rejects.toBe(undone);
  });

  it("is complete where filters seldom meet, far behind what is read at a time", async () => {
    const ctx = contextOf(db);
    const undone = new Error("undone");
    const userId = nobody(ctx);
    const read = db.$transaction(async (tx) => {
      await tx.$executeRaw`INSERT INTO event (id, created_at, kind, user_id, actor, via, address, user_agent, details)
        SELECT 'A' || lpad(n::text, 25, '0'), now(), CASE n % 3 WHEN 0 THEN 'sign_out' ELSE 'code.mailed' END, ${userId}, 'cli',
          CASE WHEN n % 11000 = 0 THEN 'zitadel' ELSE 'omnitron' END, '', '', '{}'
        FROM generate_series(1, 25000) n`;
      const filters = await readFilters(ctx, {
        person: userId,
        kind: "code.*",
        via: "omnitron",
        actor: "cli",
      });
      const meeting = { ...filters, via: "zitadel" };
      const idsOf = async (order: "ASC" | "DESC", limit: number, of = meeting) =>
        (await readEvents(tx, { ...of, ceiling: "B" }, order, limit)).map(({ id }) => Number(id.slice(1)));
      expect(await idsOf("DESC", 10)).toEqual([22_000, 11_000]);
      expect(await idsOf("ASC", 10)).toEqual([11_000, 22_000]);
      expect(await idsOf("ASC", 1)).toEqual([11_000]);
      const common = { ...filters, via: "omnitron", kinds: ["code.mailed", "sign_out"] as const };
      const all = await idsOf("DESC", 30_000, common);
      expect(all).toHaveLength(24_998);
      expect(await idsOf("ASC", 30_000, common)).toEqual(all.toReversed());
      throw undone;
    }, PATIENCE);
    await expect(read).rejects.toBe(undone);
  });
});
