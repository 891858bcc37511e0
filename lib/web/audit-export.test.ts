import { stringifyCookie } from "cookie";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { createApiTokenFor, revokeApiToken } from "@/lib/core/api-tokens";
import type { Context } from "@/lib/core/context";
import { eventRow } from "@/lib/core/events";
import { newId } from "@/lib/core/ids";
import { contextOf, later, makePerson, makeProtectedPerson, testDatabase } from "@/lib/core/testing/fixtures";
import { sealSessionCookie } from "@/lib/http/session-cookie";
import { auditExport } from "./audit-export";
import type { AuditFormat } from "./audit-formats";

const db = testDatabase();
const ctx = contextOf(db);

type Sent = { headers?: Record<string, string>; method?: string; of?: Context };

function send(
  format: AuditFormat,
  query: string,
  { headers = {}, method = "GET", of = ctx }: Sent,
): Promise<Response> {
  const answer = auditExport(format, (_headers, brought) => ({ ...of, ...brought }));
  return answer(new Request(`http://localhost:3000/api/audit.${format}${query}`, { headers, method }));
}

const cookieOf = (token: string) => ({
  Cookie: stringifyCookie({ "next-auth.session-token": sealSessionCookie(ctx.keys, token, 3600, ctx.now) }),
});

let administrator: Awaited<ReturnType<typeof makeProtectedPerson>>;
let asAdministrator: Record<string, string>;
beforeAll(async () => {
  administrator = await makeProtectedPerson(ctx, { isAdmin: true });
  asAdministrator = cookieOf(administrator.token);
});

/** So many events about one person, whom nothing else happens to. */
async function happen(count: number, change: Partial<ReturnType<typeof eventRow>> = {}): Promise<string> {
  const userId = newId(ctx.now);
  const rows = Array.from({ length: count }, (_, index) =>
    eventRow(later(ctx, index), { kind: "totp.renamed", userId, details: { name: `=${index}, "quoted"` } }),
  );
  await db.event.createMany({ data: rows.map((row) => ({ ...row, ...change })) });
  return userId;
}

describe("an export of the audit log", () => {
  test("as JSON lines has an object for each event, the newest first", async () => {
    const { user, email } = await makePerson(ctx);
    const answer = await send("jsonl", `?person=${user.id}`, { headers: asAdministrator });
    expect(answer.status).toBe(200);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      "content-type": "application/jsonl; charset=utf-8",
      "content-disposition": 'attachment; filename="countersign-audit-2030-06-01.jsonl"',
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
    });
    const text = await answer.text();
    expect(text.endsWith("\n")).toBe(true);
    const events = text
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(events.map(({ event }) => event)).toEqual(["sign_in.succeeded", "account.created"]);
    expect(events[1]).toEqual({
      id: expect.stringMatching(/^[0-9A-Z]{26}$/),
      at: ctx.now.toISOString(),
      event: "account.created",
      person: { id: user.id, email },
      actor: { id: "test", email: null },
      via: "pages",
      address: ctx.address,
      userAgent: "Test",
      details: { isAdmin: false },
    });
  });

  test("as CSV has a line for each event, and no cell that a spreadsheet would run", async () => {
    const userId = await happen(1, { userAgent: "=cmd" });
    const answer = await send("csv", `?person=${userId}`, { headers: asAdministrator });
    expect(answer.headers.get("content-type")).toBe("text/csv; charset=utf-8");
    const [head, line, end] = (await answer.text()).split("\r\n");
    expect(head).toBe("id,at,event,person_id,person_email,actor,actor_email,via,address,user_agent,details");
    expect(line).toMatch(
      new RegExp(`^[0-9A-Z]{26},2030-06-01T12:00:00.000Z,totp.renamed,${userId},,${userId},,pages,`),
    );
    expect(line).toContain(`,'=cmd,"{""name"":""=0, \\""quoted\\""""}"`);
    expect(end).toBe("");
  });

  test("has all of several pages, and is read no further than it is taken", async () => {
    const userId = await happen(2500);
    const query = `?person=${userId}`;
    const whole = await (await send("jsonl", query, { headers: asAdministrator })).text();
    const ids = whole
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line).id);
    expect(ids).toHaveLength(2500);
    expect(ids).toEqual([...new Set(ids)].sort().reverse());
    const begun = await send("jsonl", query, { headers: asAdministrator });
    const reader = begun.body?.getReader();
    const first = new TextDecoder().decode((await reader?.read())?.value);
    expect(first.trimEnd().split("\n")).toHaveLength(1000);
    await reader?.cancel();
  });

  test("that fails in the middle breaks off, and does not look like a whole one", async () => {
    const userId = await happen(2500);
    const answer = await send("jsonl", `?person=${userId}`, { headers: asAdministrator });
    const reader = answer.body?.getReader();
    await reader?.read();
    const away = vi.spyOn(db, "$queryRaw").mockRejectedValue(new Error("gone"));
    const rest = async () => {
      while (!(await reader?.read())?.done);
    };
    await expect(rest()).rejects.toThrow("gone");
    away.mockRestore();
  });

  test("is for API tokens with audit:read, whose way in is named so", async () => {
    const { email, user } = administrator;
    const make = (scopes: string[]) =>
      createApiTokenFor(ctx, { email, name: "Archive", scopes, actor: "test" });
    const bearer = (token: string) => ({ Authorization: `Bearer ${token}` });
    const right = await make(["audit:read"]);
    const answer = await send("jsonl", "?kind=audit.exported", { headers: bearer(right.token) });
    expect(answer.status).toBe(200);
    const where = { kind: "audit.exported", userId: user.id, via: "api" };
    expect(await db.event.findMany({ where })).toMatchObject([
      { details: { format: "jsonl", kind: "audit.exported", token: "Archive", tokenId: right.id } },
    ]);
    const wrong = await send("jsonl", "", { headers: bearer((await make(["audit:read.own"])).token) });
    expect([wrong.status, await wrong.json()]).toMatchObject([403, { error: "insufficient_scope" }]);
    await revokeApiToken(ctx, administrator.signedIn, right.id);
    // Whoever brings a dead token is not let in by a cookie beside it.
    const dead = await send("jsonl", "", { headers: { ...bearer(right.token), ...asAdministrator } });
    expect([dead.status, dead.headers.get("www-authenticate")]).toEqual([401, "Bearer"]);
  });

  test.each<[AuditFormat]>([["csv"], ["jsonl"]])("is refused to everybody else (%s)", async (format) => {
    const nobody = await send(format, "", {});
    expect([nobody.status, await nobody.json()]).toMatchObject([401, { error: "unauthenticated" }]);
    expect(nobody.headers.get("cache-control")).toBe("no-store");
    const person = await makeProtectedPerson(ctx);
    const answer = await send(format, "", { headers: cookieOf(person.token) });
    expect([answer.status, await answer.json()]).toMatchObject([403, { error: "forbidden" }]);
    const told = { kind: "access.refused", userId: person.user.id };
    expect(await db.event.count({ where: told })).toBe(1);
  });

  test("refuses what cannot be searched for, by its field, and what it does not know", async () => {
    const wrong: [string, object][] = [
      ["?person=nobody-has-this@example.org", { error: "invalid_input", field: "person" }],
      ["?kind=nothing", { error: "invalid_input", field: "kind" }],
      ["?from=yesterday", { error: "invalid_input", field: "from" }],
      ["?from=2030-06-02&to=2030-06-01", { error: "invalid_input", field: "to" }],
      ["?persn=ada", { error: "invalid_input", message: 'There is no parameter "persn".' }],
    ];
    for (const [query, body] of wrong) {
      const answer = await send("csv", query, { headers: asAdministrator });
      expect([query, answer.status, await answer.json()]).toMatchObject([query, 400, body]);
    }
  });

  test("is none that another site makes an administrator's browser ask for", async () => {
    const foreign = [
      { "sec-fetch-site": "cross-site" },
      { "sec-fetch-site": "same-site" },
      { origin: "https://elsewhere.example" },
      { origin: "null" },
    ];
    const where = { userId: administrator.user.id, kind: "audit.exported" };
    const before = await db.event.count({ where });
    for (const said of foreign)
      expect((await send("csv", "", { headers: { ...asAdministrator, ...said } })).status).toBe(403);
    expect(await db.event.count({ where })).toBe(before);
    const own = { ...asAdministrator, "sec-fetch-site": "same-origin" };
    expect((await send("csv", "?kind=account.created", { headers: own })).status).toBe(200);
  });

  test("asked for with HEAD says whether there would be one, and is none", async () => {
    const where = { kind: "audit.exported", userId: administrator.user.id };
    const before = await db.event.count({ where });
    const answer = await send("csv", "", { headers: asAdministrator, method: "HEAD" });
    expect([answer.status, await answer.text()]).toEqual([200, ""]);
    expect((await send("csv", "", { method: "HEAD" })).status).toBe(401);
    expect(await db.event.count({ where })).toBe(before);
  });
});
