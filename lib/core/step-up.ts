import { Prisma } from "@/lib/db/generated/client";
import { requireAccess } from "./access/guard";
import type { Context } from "./context";
import { EVENT_COLUMNS, type EventInput, eventValues } from "./events";
import type { AskedFactor } from "./factors/registry";
import { matchOwnCode, spendOwnCodeParts } from "./own-code";
import { refuse } from "./refusals";
import { type NewSession, renewSessionPart, type SignedIn } from "./sessions";
import { proveOwnPassword } from "./sign-in";

const SUCCEEDED = "step_up.succeeded";

/**
 * Proves again who sits there, for ten minutes: a code of any factor where two-factor is on, the password where it is
 * not. The session gets a new token.
 * Refuses `invalid_input`, `invalid_code`, `wrong_password`, `locked`, `too_many_requests`, `unauthenticated`.
 */
export async function stepUp(
  ctx: Context,
  signedIn: SignedIn,
  proof: { code: string; factor?: AskedFactor } | { password: string },
): Promise<NewSession> {
  if (!signedIn.twoFactor.isOn)
    return stepUpByPassword(ctx, signedIn, "password" in proof ? proof.password : "");
  requireAccess("code.verify", { kind: "session", signedIn });
  const asked = "code" in proof ? proof : { code: "" };
  const ownCode = await matchOwnCode(ctx, signedIn, { ...asked, failure: "step_up.failed" });
  const details = { factor: ownCode.match.factor.kind };
  return (
    (await renew(ctx, signedIn, spendOwnCodeParts(ctx, ownCode), "factor", {
      kind: SUCCEEDED,
      userId: signedIn.user.id,
      details,
    })) ?? ownCode.refuse()
  );
}

/**
 * Evidence for one act that brings its own proof: the password in the same request, or a code of a set-up that was begun by
 * one. Where two-factor is off that is all there is to prove, so it counts as fresh; it is not written down, as every copy of
 * the session's token would be fresh with it. Where two-factor is on it changes nothing.
 */
export function withOwnProof(signedIn: SignedIn): SignedIn {
  return signedIn.twoFactor.isOn ? signedIn : { ...signedIn, isProofFresh: true };
}

async function stepUpByPassword(ctx: Context, signedIn: SignedIn, typed: string): Promise<NewSession> {
  await proveOwnPassword(ctx, signedIn, typed, "step_up.failed");
  // Two-factor may have been turned on since the read, in this very session: then the password alone is not enough.
  const { id, factorsChangedAt } = signedIn.user;
  const parts = Prisma.sql`source AS (
    SELECT id AS user_id FROM "user"
    WHERE id = ${id} AND factors_changed_at IS NOT DISTINCT FROM ${factorsChangedAt}::timestamptz FOR SHARE)`;
  const event = { kind: SUCCEEDED, userId: signedIn.user.id, details: { factor: "password" } } as const;
  return (await renew(ctx, signedIn, parts, "password", event)) ?? refuse({ code: "unauthenticated" });
}

async function renew(
  ctx: Context,
  signedIn: SignedIn,
  proofParts: Prisma.Sql,
  proven: "password" | "factor",
  event: EventInput,
): Promise<NewSession | null> {
  const renewal = renewSessionPart(ctx, signedIn, Prisma.sql`source`, proven);
  const [row] = await ctx.db.$queryRaw<{ expiresAt: Date }[]>`
    WITH ${proofParts}, renewed AS (${renewal.part}),
    noted AS (INSERT INTO event (${EVENT_COLUMNS}) SELECT ${eventValues(ctx, event)} FROM renewed)
    SELECT expires_at AS "expiresAt" FROM renewed`;
  return row ? { token: renewal.token, expiresAt: row.expiresAt, userId: signedIn.user.id } : null;
}
