import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { takeInventory } from "../script/inventory.d/inventory";
import matrix from "./core/access/access-matrix.json" with { type: "json" };
import { OPERATIONS, type Operation } from "./core/access/operations";
import { SCOPES, scopeOf } from "./core/access/scopes";
import { CELL_SAYS } from "./core/testing/cells";
import { BOOK_KEEPING, type KeptRows, keepRows } from "./db/testing/kept-rows";
import { startOwnTestDatabase } from "./db/testing/test-database";
import type { Someone } from "./dialects/testing/askers";
import { ALL_WAYS, ASKED_ELSEWHERE, NO_WAY } from "./testing/access/all-ways";
import { makeCaller, STATES, type State } from "./testing/access/callers";
import { refusalOf, type Says, type Way } from "./testing/access/ways";

// Every cell of the access matrix by every way in that has it: the answer is what the cell says, in that way's own words, and a
// refusal leaves every table as it was but for one event.

vi.mock("next/headers", async () => (await import("./testing/access/edge")).nextHeaders);
vi.mock("@/lib/http/context", async () => (await import("./testing/access/edge")).httpContext);

let database: Awaited<ReturnType<typeof startOwnTestDatabase>>;
beforeAll(async () => {
  database = await startOwnTestDatabase();
});
afterAll(() => database.stop());

const rowOf = (operation: Operation) => matrix.rows.find(({ n }) => n === OPERATIONS[operation]);
const isAsked = ({ only }: Way, state: State) => only === undefined || only.includes(state);

/** What a way in says to somebody; to whose proof it does not take it says what it says to nobody. */
function expected({ carries, does, except }: Way, state: State): Says {
  const taken = carries.includes(state) ? state : "ANON";
  const says = except?.[taken]?.says ?? CELL_SAYS[rowOf(does)?.cells[taken] ?? ""];
  if (says === undefined) throw new Error(`the matrix has no ${does} for ${taken}`);
  return says;
}

/** The scopes of a token that has exactly the one that is needed, or all but that one. */
function scopesFor(operation: Operation, state: "TOK+" | "TOK-"): string[] {
  return SCOPES.filter((scope) => (scope === scopeOf(operation)) === (state === "TOK+"));
}

function changesNothing({ changesNothing: when, does }: Way, state: State): boolean {
  return rowOf(does)?.kind === "read" || when === true || (when?.includes(state) ?? false);
}

describe.each(STATES)("to a caller in the state %s", (state) => {
  let caller: Someone;
  let kept: KeptRows;
  beforeAll(async () => {
    caller = await makeCaller(database.db, state);
    kept = await keepRows(database.connection, BOOK_KEEPING);
  });
  afterAll(() => kept.stop());

  const ways = ALL_WAYS.filter((way) => isAsked(way, state)).map(
    (way) => [way.entry, way.does, way] as const,
  );
  it.each(ways)("%s, %s: as the matrix says, and a refusal changes nothing", async (_entry, does, way) => {
    const { db } = database;
    if (state === "TOK-" || state === "TOK+") {
      const where = { id: caller.values["<token id>"] ?? "" };
      await db.apiToken.update({ where, data: { scopes: scopesFor(does, state) } });
      await kept.keepAgain("api_token");
    }
    const before = await db.event.count();
    const answer = await way.ask(caller);
    const events = (await db.event.count()) - before;
    const tables = await kept.changed();
    await kept.restore();
    const says = expected(way, state);
    if (says === "allowed") {
      expect({ answer, isAllowed: way.isAllowed(answer) }).toEqual({ answer, isAllowed: true });
      if (!changesNothing(way, state)) expect([...tables, ...(events > 0 ? ["event"] : [])]).not.toEqual([]);
      return;
    }
    expect(answer).toEqual(isPlace(says) ? says : way.refused(refusalOf(says)));
    expect(tables).toEqual([]);
    expect(events).toBeLessThanOrEqual(1);
  });
});

const isPlace = (says: Says): says is `sent to ${string}` => says.startsWith("sent to ");

describe("the ways in", () => {
  it("are all asked that lead to an operation", () => {
    const asked = new Set(ALL_WAYS.map(({ entry }) => entry));
    const missing = takeInventory()
      .entries.filter(({ name, because }) => because === null && !asked.has(name))
      .map(({ name }) => name);
    expect(missing.sort()).toEqual(Object.keys(ASKED_ELSEWHERE).sort());
  });

  it("leave no cell of an operation out", () => {
    // Its keys are exactly Operation's.
    const operations = Object.keys(OPERATIONS) as Operation[];
    const cells = operations.flatMap((does) => STATES.map((state) => ({ does, state })));
    const missing = cells.filter(
      ({ does, state }) =>
        !ALL_WAYS.some((way) => way.does === does && way.carries.includes(state) && isAsked(way, state)),
    );
    const found: Record<string, State[]> = {};
    for (const { does, state } of missing) found[does] = [...(found[does] ?? []), state];
    const listed = Object.entries(NO_WAY).map(([does, { states }]) => [does, states]);
    expect(found).toEqual(Object.fromEntries(listed));
  });
});
