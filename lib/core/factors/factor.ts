import { Prisma } from "@/lib/db/generated/client";
import type { Context } from "../context";
import type { CodeHint } from "../refusals";

/**
 * A kind of second factor that a typed code can belong to. A new one is a file with one of these and a line in
 * registry.ts; budgets, single use and locks come with the flows that ask the registry.
 */
export type CodeFactor = {
  kind: "totp" | "recovery" | "email";
  /** Whether a code (as `parseCode` left it) has this factor's form. */
  recognises(code: string): boolean;
  /** Whether the account's waits hold it back. Codes too long to guess stay open, so that a lock is no weapon. */
  isHeldByAccountLimit: boolean;
  /** Whether it is compared by a slow hash, which there must be room for before a guess is taken. */
  isHashed: boolean;
  /**
   * Whether it proves more than a sign-in: a strong one is proof for what is sensitive, makes the browser known, and gives
   * back all that its challenge took. A weak one opens the session and gives back what guesses at it took: it must be no
   * way to guess at a strong one without end.
   */
  isStrong: boolean;
  /** What it means at sign-in for trust in browsers: it may be given, or not, or what there is ends. */
  trust: "may be given" | "is not given" | "ends";
  /** A scalar subquery: JSON array of what the code may belong to. */
  candidates(whose: Whose, code: string): Prisma.Sql;
  /** Compares the code with the candidates. Null: it belongs to none. */
  match(ctx: Context, userId: string, code: string, candidates: unknown): Promise<Match | null>;
  /** Why a code that was refused is wrong, for its owner's eyes; null: nothing to tell. */
  diagnose?(ctx: Context, userId: string, code: string, candidates: unknown): CodeHint | null;
  /** A statement part that tells the owner of a use by mail, for each row of `source` (a FROM item with user_id). */
  queueUseMail?(ctx: Context, source: Prisma.Sql): Prisma.Sql;
};

/** Expressions for whose code it is: a user's id, and at sign-in the challenge's, else the session's. */
export type Whose = { userId: Prisma.Sql } & ({ challengeId: Prisma.Sql } | { sessionId: Prisma.Sql });

/**
 * Evidence that a code belongs to a factor. It opens nothing yet: `spend` is the conditional UPDATE that uses the code
 * up, if `when` holds, and returns user_id for exactly one of any number of parallel requests. PostgreSQL carries out every
 * part of a statement that changes something, asked for or not, so what the code is for must be in `when`.
 */
export type Match = {
  factor: CodeFactor;
  factorId: string;
  spend: (when: Prisma.Sql) => Prisma.Sql;
  /** Of a time-based code: how many steps it was from the present one; below zero, it was an older one. */
  stepsOff?: number;
};

/** A code with the factor it may belong to. */
export type TypedCode = { code: string; factor: CodeFactor | null };

/**
 * The candidates of a typed code, and the price of the guess: as many units as there are devices that it is compared with,
 * at least one. A FROM item with the columns candidates and units; `whose` may come from an item before it.
 */
export function guessed({ code, factor }: TypedCode, whose: Whose): Prisma.Sql {
  const candidates = factor?.candidates(whose, code) ?? Prisma.sql`'[]'::json`;
  return Prisma.sql`LATERAL (
    SELECT candidates, greatest(1, json_array_length(candidates)) AS units
    FROM (SELECT ${candidates} AS candidates) AS found) AS guessed`;
}
