-- What holds in the database at any moment, whatever was killed or lost in between. Each row that this returns is a broken
-- promise: its name, and what breaks it. `countersign doctor` runs it, and so do the tests of faults.
-- $1 (int): how many accounts are looked at, the newest first; null: all of them.
-- $2 (timestamptz): until when everything that has lapsed was purged; null: that is not known.
WITH person AS (
  SELECT * FROM "user" ORDER BY id DESC LIMIT $1
), standing AS (
  SELECT u.*,
    (SELECT count(*) FROM totp_factor f WHERE f.user_id = u.id AND f.confirmed_at IS NOT NULL) AS factors,
    (SELECT count(*) FROM recovery_code r WHERE r.user_id = u.id) AS codes
  FROM person u
), factor AS (
  SELECT f.* FROM totp_factor f JOIN person u ON u.id = f.user_id
), restored (at) AS (
  -- A restore voids codes that may have been used since its backup, and says so in one event of nobody's.
  SELECT created_at FROM event WHERE kind = 'backup.restored'
), change (what, user_id, at, kinds) AS (
  -- Without kinds: any event of that account and moment will do.
  SELECT 'an account', id, created_at, '{account.created}'::text[] FROM person
  UNION ALL SELECT 'an account that is disabled', id, disabled_at, '{account.disabled}' FROM person
  UNION ALL SELECT 'a confirmed address', id, email_verified_at, NULL FROM person
  UNION ALL SELECT 'a change of factors', id, factors_changed_at, NULL FROM person
  UNION ALL SELECT 'a demand for a new password', id, password_change_demanded_at, '{account.unlocked}' FROM person
  UNION ALL SELECT 'a session', s.user_id, s.created_at, '{sign_in.succeeded}' FROM session s JOIN person u ON u.id = s.user_id
  UNION ALL SELECT 'a challenge', c.user_id, c.created_at, '{sign_in.challenged}' FROM challenge c JOIN person u ON u.id = c.user_id
  UNION ALL SELECT 'an authenticator', user_id, created_at, '{totp.started,totp.provisioned}' FROM factor
  UNION ALL SELECT 'a confirmed authenticator', user_id, confirmed_at, '{totp.confirmed,totp.replaced}' FROM factor
  UNION ALL SELECT 'a code of an authenticator', user_id, last_used_at, NULL FROM factor
  UNION ALL SELECT 'a recovery code', r.user_id, r.created_at, '{recovery_codes.made}' FROM recovery_code r JOIN person u ON u.id = r.user_id
  UNION ALL SELECT 'a used recovery code', r.user_id, r.used_at, NULL FROM recovery_code r JOIN person u ON u.id = r.user_id
    WHERE r.used_at NOT IN (SELECT at FROM restored)
  UNION ALL SELECT 'a trusted browser', t.user_id, t.created_at, '{trusted_browser.added}' FROM trusted_browser t JOIN person u ON u.id = t.user_id
  UNION ALL SELECT 'a use of a trusted browser', t.user_id, t.rotated_at, '{sign_in.succeeded}' FROM trusted_browser t JOIN person u ON u.id = t.user_id
  UNION ALL SELECT 'an API token', t.user_id, t.created_at, '{api_token.made}' FROM api_token t JOIN person u ON u.id = t.user_id
  UNION ALL SELECT 'a mailed link', l.user_id, l.created_at,
    CASE l.purpose WHEN 'new_password' THEN '{password.reset_asked}'::text[] WHEN 'invitation' THEN '{account.invited}'
      WHEN 'confirm_email' THEN '{email.confirmation_asked}' WHEN 'change_email' THEN '{email.change_asked}' ELSE '{}' END
    FROM mail_link l JOIN person u ON u.id = l.user_id
), pending (what, user_id, ends_at) AS (
  SELECT 'a challenge', user_id, expires_at FROM challenge
  UNION ALL SELECT 'a set-up', user_id, expires_at FROM totp_factor WHERE confirmed_at IS NULL
  UNION ALL SELECT 'a mailed link', user_id, expires_at FROM mail_link
  UNION ALL SELECT 'recovery codes to be shown', user_id, expires_at FROM recovery_reveal
  UNION ALL SELECT 'an API token to be shown', a.user_id, t.expires_at FROM token_reveal t JOIN api_token a ON a.id = t.api_token_id
  UNION ALL SELECT 'a session', user_id, expires_at FROM session
  UNION ALL SELECT 'a trusted browser', user_id, expires_at FROM trusted_browser
), broken (invariant, what) AS (
  SELECT 'two-factor sign-in is on with a confirmed authenticator and a set of recovery codes, and off without both',
    format('account %s: authenticators: %s, recovery codes: %s', id, factors, codes)
  FROM standing WHERE codes NOT IN (0, 10) OR (factors > 0) <> (codes > 0) OR (factors > 0) <> (two_factor_since IS NOT NULL)
  UNION ALL
  SELECT 'each account has its budget of tries', format('account %s', u.id)
  FROM person u WHERE NOT EXISTS (SELECT 1 FROM factor_budget b WHERE b.user_id = u.id)
  UNION ALL
  SELECT 'each code is used at most once', format('account %s: challenge %s', e.user_id, e.details ->> 'challenge')
  FROM event e JOIN person u ON u.id = e.user_id
  WHERE e.kind = 'sign_in.succeeded' AND e.details ? 'challenge'
  GROUP BY e.user_id, e.details ->> 'challenge' HAVING count(*) > 1
  UNION ALL
  SELECT 'each code is used at most once', format('account %s: recovery codes', u.id)
  FROM person u WHERE
    (SELECT count(*) FROM recovery_code r WHERE r.user_id = u.id AND r.used_at IS NOT NULL) <
    (SELECT count(*) FROM event e, (SELECT max(r.created_at) AS at FROM recovery_code r WHERE r.user_id = u.id) made
      WHERE e.user_id = u.id AND e.details ->> 'factor' = 'recovery' AND e.created_at > made.at
      -- One of a newer set, which a restore took away.
      AND NOT EXISTS (SELECT 1 FROM event n WHERE n.user_id = u.id AND n.kind = 'recovery_codes.made'
        AND n.created_at > made.at AND n.created_at <= e.created_at))
  UNION ALL
  SELECT 'the step of a code that was used is remembered', format('account %s: authenticator %s', user_id, id)
  FROM factor WHERE confirmed_at IS NOT NULL AND (abs(drift_steps) > 1
    OR last_step IS DISTINCT FROM floor(extract(epoch FROM last_used_at) / period_seconds) + drift_steps
    AND last_step NOT IN (SELECT floor(extract(epoch FROM at) / period_seconds) + 1 FROM restored WHERE at >= last_used_at))
  UNION ALL
  SELECT 'an authenticator is proven or pending, never both', format('account %s: authenticator %s', user_id, id)
  FROM factor WHERE CASE WHEN confirmed_at IS NULL
    THEN last_step <> -1 OR last_used_at IS NOT NULL OR (expires_at IS NULL AND provisioned_by IS NULL)
    ELSE coalesce(session_id, provisioned_by, replaces_id, recovery_set #>> '{}') IS NOT NULL OR expires_at IS NOT NULL END
  UNION ALL
  SELECT 'every change has its event', format('account %s: %s of %s', c.user_id, c.what, c.at)
  FROM change c WHERE c.at IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM event e
    WHERE e.user_id = c.user_id AND e.created_at = c.at AND (c.kinds IS NULL OR e.kind = ANY (c.kinds)))
  UNION ALL
  SELECT 'nothing is pending past its time', format('account %s: %s until %s', user_id, what, ends_at)
  FROM pending WHERE ends_at <= $2
)
SELECT invariant, what FROM broken ORDER BY invariant, what LIMIT 20
