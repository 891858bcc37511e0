import { Prisma } from "@/lib/db/generated/client";
import { type Context, secondsAfter } from "./context";
import { newId } from "./ids";
import { LIMITS } from "./limits";

/** The mails there are: what happened, and links and codes that were asked for. lib/mail/texts.ts says how each reads. */
export type MailKind =
  | "two_factor_on"
  | "two_factor_off"
  | "two_factor_reset"
  | "authenticator_added"
  | "authenticator_replaced"
  | "authenticator_removed"
  | "authenticator_shown"
  | "recovery_codes_made"
  | "recovery_code_used"
  | "trusted_browser_added"
  | "trusted_browser_reused"
  | "password_changed"
  | "new_password_asked"
  | "email_confirmation_asked"
  | "email_change_asked"
  | "email_change_announced"
  | "email_in_use"
  | "email_changed"
  | "sign_in_code"
  | "own_code"
  | "sign_in_code_failed"
  | "sign_in_locked"
  | "api_token_made"
  | "authenticator_provisioned"
  | "authenticator_taken_away"
  | "two_factor_on_elsewhere"
  | "account_invited"
  | "account_disabled"
  | "account_enabled"
  | "account_unlocked"
  | "access_ended"
  | "two_factor_required";

/** A mail that cannot be handed over is tried for a day, and one with a link or a code as long as that is worth something. */
const TRIED_FOR_SECONDS = 86_400;
const USEFUL_SECONDS: Partial<Record<MailKind, number>> = {
  new_password_asked: LIMITS.newPasswordLink.ttlSeconds,
  sign_in_code: LIMITS.mailedCode.ttlSeconds,
  own_code: LIMITS.mailedCode.ttlSeconds,
  email_confirmation_asked: LIMITS.emailLink.ttlSeconds,
  email_change_asked: LIMITS.emailLink.ttlSeconds,
  account_invited: LIMITS.invitation.ttlSeconds,
};

/** A mail to send, for `create` in the transaction of what it tells of. Never a secret in the details. */
export function mailRow(
  ctx: Pick<Context, "now" | "address" | "userAgent">,
  recipient: string,
  kind: MailKind,
  details: Record<string, string | number | boolean> = {},
) {
  const where = { address: ctx.address, userAgent: ctx.userAgent };
  return {
    id: newId(ctx.now),
    createdAt: ctx.now,
    nextTryAt: ctx.now,
    expiresAt: secondsAfter(ctx.now, USEFUL_SECONDS[kind] ?? TRIED_FOR_SECONDS),
    recipient,
    kind,
    details: { ...where, ...details },
  };
}

/**
 * A statement part that tells the user of each row of `source` (a FROM item with user_id) that a recovery code is used up, and
 * how many are left. It stands in the statement that uses the code up, which still counts it.
 */
export function queueRecoveryMailPart(ctx: Context, source: Prisma.Sql): Prisma.Sql {
  const left = Prisma.sql`jsonb_build_object('codesLeft', (
    SELECT count(*) - 1 FROM recovery_code r WHERE r.user_id = source.user_id AND r.used_at IS NULL))`;
  return queueMailPart(ctx, source, "recovery_code_used", {}, left);
}

/**
 * A statement part that queues a mail to the user of each row of `source` (a FROM item with user_id).
 * @param read a JSON object that the statement makes, for what only the database knows
 */
export function queueMailPart(
  ctx: Context,
  source: Prisma.Sql,
  kind: MailKind,
  details: Record<string, string | number | boolean> = {},
  read: Prisma.Sql = Prisma.sql`'{}'::jsonb`,
): Prisma.Sql {
  const row = mailRow(ctx, "", kind, details);
  return Prisma.sql`
    INSERT INTO mail (id, created_at, recipient, kind, details, next_try_at, expires_at)
    SELECT ${row.id}, ${row.createdAt}::timestamptz, u.email, ${kind}, ${JSON.stringify(row.details)}::jsonb || ${read},
      ${row.nextTryAt}::timestamptz, ${row.expiresAt}::timestamptz
    FROM ${source} JOIN "user" u ON u.id = source.user_id`;
}
