import { open, seal } from "@/lib/crypto/seal";
import type { Prisma } from "@/lib/db/generated/client";
import { requireAccess } from "./access/guard";
import type { NewApiToken } from "./api-tokens";
import { type Context, secondsAfter } from "./context";
import { LIMITS } from "./limits";
import type { SignedIn } from "./sessions";

// How a new token gets from the form that makes it to the page that shows it, in no address, cookie or script: sealed, for
// the session that made it, until it is looked at or a few minutes have passed.

/** What a token that waits to be shown is sealed to. */
export function tokenRevealBinding(userId: string, tokenId: string): string {
  return `token-reveal:${userId}:${tokenId}`;
}

/** Lets the page of this session show a token that was just made. */
export async function revealOnce(
  ctx: Context,
  tx: Prisma.TransactionClient,
  { session, user }: SignedIn,
  { id, token }: NewApiToken,
): Promise<void> {
  const sealedToken = seal(ctx.keys.ring, Buffer.from(token), tokenRevealBinding(user.id, id));
  const expiresAt = secondsAfter(ctx.now, LIMITS.apiTokens.revealSeconds);
  await tx.tokenReveal.create({ data: { apiTokenId: id, sessionId: session.id, sealedToken, expiresAt } });
}

/**
 * A token that this session made within the last minutes, for the one time that it is shown: of any number of requests one
 * gets it. Null: it was shown, or it is too late, revoked, or another session's.
 */
export async function takeNewToken(ctx: Context, signedIn: SignedIn, id: string): Promise<string | null> {
  requireAccess("api_tokens.list", { kind: "session", signedIn });
  const [row] = await ctx.db.$queryRaw<{ sealedToken: string }[]>`
    DELETE FROM token_reveal
    WHERE api_token_id = ${id} AND session_id = ${signedIn.session.id} AND expires_at > ${ctx.now}::timestamptz
    RETURNING sealed_token AS "sealedToken"`;
  return row
    ? open(ctx.keys.ring, row.sealedToken, tokenRevealBinding(signedIn.user.id, id)).toString()
    : null;
}
