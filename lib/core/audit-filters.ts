import { type Context, WAYS_IN } from "./context";
import { EVENT_KINDS, type EventKind } from "./events";
import { firstIdOf, isId } from "./ids";
import { normaliseEmail, parseEmail } from "./input";
import { type AuditField, refuse } from "./refusals";

/** What is looked for in the audit log; what is left out, or blank, limits nothing. */
export type AuditQuery = {
  /** Whose account it is about: an e-mail address, an account's id or its number. */
  person?: string | undefined;
  /** Who did it: the same, or "cli". */
  actor?: string | undefined;
  /** One of `EVENT_KINDS`, or all of a family: "totp.*". */
  kind?: string | undefined;
  /** One of `WAYS_IN`. */
  via?: string | undefined;
  /** From this moment on. */
  from?: Date | undefined;
  /** Before this moment. */
  until?: Date | undefined;
  /** An event's id: only older ones. */
  before?: string | undefined;
  /** An event's id: only newer ones. */
  after?: string | undefined;
};

/** The same as the rows of event have it. `floor` and `ceiling` bound the ids: from the one on, and below the other. */
export type AuditFilters = {
  userId: string | null;
  actor: string | null;
  kinds: readonly EventKind[] | null;
  via: string | null;
  floor: string;
  ceiling: string;
};

/** The command line, as events name it. */
const COMMAND_LINE = "cli";

const LARGEST_NUMBER = 2 ** 31 - 1;
/** Every id is below it. */
const ABOVE_ALL_IDS = "8";

/** "totp" of "totp.removed". */
export const familyOf = (kind: string) => kind.split(".")[0] ?? kind;

/** Refuses `invalid_input` for what nothing can be found by: nobody's address, no kind of event, an end before the beginning. */
export async function readFilters(ctx: Context, query: AuditQuery): Promise<AuditFilters> {
  const { from, until } = query;
  const [kind, via] = [textOf(query.kind), textOf(query.via)];
  const [before, after] = [idOf("before", query.before), idOf("after", query.after)];
  const kinds = kind === null ? null : kindsOf(kind);
  if (kinds?.length === 0) malformed("kind");
  if (via !== null && !WAYS_IN.some((way) => way === via)) malformed("via");
  if (from && until && until <= from) malformed("to");
  // No id comes between another and the same with one more character.
  const floors = [from ? firstIdOf(from) : "", after === null ? "" : `${after}0`].sort();
  const ceilings = [until ? firstIdOf(until) : ABOVE_ALL_IDS, before ?? ABOVE_ALL_IDS].sort();
  const [userId, actor] = [textOf(query.person), textOf(query.actor)];
  return {
    userId: userId === null ? null : await accountOf(ctx, "person", userId),
    actor: actor === null || actor === COMMAND_LINE ? actor : await accountOf(ctx, "actor", actor),
    kinds,
    via,
    floor: floors[1] ?? "",
    ceiling: ceilings[0] ?? ABOVE_ALL_IDS,
  };
}

function malformed(field: AuditField): never {
  return refuse({ code: "invalid_input", field, problem: "malformed" });
}

const textOf = (typed: string | undefined) => typed?.trim() || null;

function idOf(field: AuditField, typed: string | undefined): string | null {
  const id = textOf(typed);
  return id === null || isId(id) ? id : malformed(field);
}

function kindsOf(typed: string): EventKind[] {
  const family = typed.endsWith(".*") ? typed.slice(0, -2) : null;
  return EVENT_KINDS.filter((kind) => (family === null ? kind === typed : familyOf(kind) === family));
}

/** The id of an account. What is an id already need not be anybody's: events outlive accounts. */
async function accountOf(ctx: Context, field: AuditField, typed: string): Promise<string> {
  if (isId(typed.toUpperCase())) return typed.toUpperCase();
  const number = /^\d{1,10}$/.test(typed) ? Number(typed) : null;
  if (number !== null && number > LARGEST_NUMBER) malformed(field);
  const where = number === null ? { email: parseEmail(normaliseEmail(typed), field) } : { number };
  const found = await ctx.db.user.findUnique({ where, select: { id: true } });
  return found?.id ?? malformed(field);
}
