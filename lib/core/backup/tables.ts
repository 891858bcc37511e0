import { TOTP_WINDOW_STEPS } from "@/lib/crypto/totp";

// Which tables a backup has, and what keeps a restored row from giving back what was spent or ended since.

/** How one table is backed up and put back. */
export type Kept = {
  /** The column by which a row is found again in the database that is replaced. */
  key: string;
  /** SQL for the rows that are worth keeping; none: all. */
  only?: string;
  /**
   * Columns that are not put back as they were: SQL over the row `r` of the backup, the row `b` of the same key in the database
   * that is replaced (nulls where there is none), and the present time `$2`.
   */
  restored?: Record<string, string>;
  /** Rows of accounts that the backup has, but which it does not have itself, come over from the database that is replaced. */
  comesOver?: true;
  /** Rows of the database that is replaced stay, and those of the backup are added: what is there only grows, or limits somebody. */
  stays?: true;
};

/** The tables of a backup, each behind those that it refers to. */
export const KEPT: Readonly<Record<string, Kept>> = {
  installation: {
    key: "id",
    // A first-run link that was used since the backup would make another administrator.
    restored: { claimed_at: "coalesce(r.claimed_at, b.claimed_at, $2)" },
  },
  policy: { key: "id" },
  user: {
    key: "id",
    // What an administrator closed since then stays closed.
    restored: {
      disabled_at: "coalesce(r.disabled_at, b.disabled_at)",
      password_change_demanded_at: "coalesce(r.password_change_demanded_at, b.password_change_demanded_at)",
    },
  },
  totp_factor: {
    key: "id",
    only: "confirmed_at IS NOT NULL",
    restored: {
      // The newest step that may have been accepted before this moment, by a server whose clock is this one's. Every code
      // up to it may have been used since the backup, so none of them counts (RFC 6238 section 5.2).
      last_step: `greatest(r.last_step, floor(extract(epoch FROM $2) / r.period_seconds)::bigint + ${TOTP_WINDOW_STEPS})`,
      session_id: "NULL",
      replaces_id: "NULL",
    },
  },
  recovery_code: {
    key: "id",
    // Used, unless the database that is replaced has it and says that it is not. The rows stay: they are half of what says
    // that two-factor sign-in is on.
    restored: {
      used_at: "CASE WHEN r.used_at IS NULL AND b.id IS NULL THEN $2 ELSE coalesce(r.used_at, b.used_at) END",
    },
  },
  factor_budget: {
    key: "user_id",
    restored: {
      failures: "CASE WHEN b.user_id IS NULL THEN r.failures ELSE b.failures END",
      wait_until: "CASE WHEN b.user_id IS NULL THEN r.wait_until ELSE b.wait_until END",
    },
  },
  password_budget: { key: "key", stays: true },
  address_budget: { key: "key", stays: true },
  grace_period: {
    key: "user_id",
    comesOver: true,
    restored: {
      // The earlier one of those that count for the policy that is put back, or somebody would have the days a second time.
      started_at: `(SELECT coalesce(min(at) FILTER (WHERE at >= (SELECT required_from FROM policy)), max(at))
        FROM (VALUES (r.started_at), (b.started_at)) AS started (at))`,
      reminders_sent: "greatest(r.reminders_sent, b.reminders_sent)",
    },
  },
  event: { key: "id", stays: true },
};

/** The tables that a backup does not have, each with the reason. A restore empties them. */
export const LEFT_OUT: Readonly<Record<string, string>> = {
  session: "somebody may have ended it since",
  challenge: "it may have been redeemed since",
  known_browser: "it may have been forgotten since, and is known again at the next sign-in with a code",
  trusted_browser: "trust may have ended since",
  mail_link: "it may have been used since",
  mail: "it may have been sent since, and what it carries opens nothing any more",
  api_token: "it may have been revoked since",
  recovery_reveal: "it belongs to a session, and the codes may have been saved since",
  token_reveal: "it belongs to a session, and the token may have been shown since",
};
