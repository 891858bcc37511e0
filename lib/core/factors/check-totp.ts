import { requireAccess } from "../access/guard";
import type { Context } from "../context";
import { EVENT_COLUMNS, eventValues } from "../events";
import { matchOwnCode, spendOwnCodeParts } from "../own-code";
import { refuse } from "../refusals";
import type { SignedIn } from "../sessions";

/**
 * Tries one of one's own authenticators out, with a code that it shows. A right one is used up and opens nothing; a
 * wrong one is told why, wherever that can be known. It costs the same budgets as at sign-in.
 * Refuses `not_found`, `conflict` (two_factor_off), and what `matchOwnCode` refuses.
 * @returns how many steps the code was from the present one: -1, 0 or 1
 */
export async function checkTotpFactor(
  ctx: Context,
  signedIn: SignedIn,
  typed: { id: string; code: string },
): Promise<number> {
  requireAccess("code.verify", { kind: "session", signedIn });
  const userId = signedIn.user.id;
  const own = { id: typed.id, userId, confirmedAt: { not: null } };
  if ((await ctx.db.totpFactor.count({ where: own })) === 0) refuse({ code: "not_found" });
  const asked = { code: typed.code, failure: "totp.test_failed", device: typed.id } as const;
  const ownCode = await matchOwnCode(ctx, signedIn, asked);
  const event = eventValues(ctx, { kind: "totp.tested", userId });
  const spent = await ctx.db.$queryRaw<unknown[]>`
    WITH ${spendOwnCodeParts(ctx, ownCode)}
    INSERT INTO event (${EVENT_COLUMNS}) SELECT ${event} FROM source RETURNING 1`;
  if (spent.length === 0) return ownCode.refuse();
  return ownCode.match.stepsOff ?? 0;
}
