/**
 * Each thing a caller can ask for, and the row of access-matrix.json that says who may. A page, action, route or dialect
 * operation names one of these; the guard turns (operation, caller) into yes or a refusal.
 */
export const OPERATIONS = {
  "two_factor.read": 1,
  "totp.rename": 14,
  "totp.start": 2,
  "totp.confirm": 3,
  "code.verify": 4,
  "email_code.send": 5,
  "email_code.verify": 6,
  "recovery_code.use": 7,
  "totp.remove": 8,
  "recovery_codes.regenerate": 9,
  "sessions.list": 11,
  "sessions.revoke": 12,
  "trusted_browsers.list": 13,
  "trusted_browsers.revoke": 14,
  "password.change": 16,
  // These two have no row of their own. Asking for a link gives nothing away, so that no fresh proof is asked for.
  "email.confirm": 14,
  // As far-reaching, and asked for the password, too.
  "email.change": 16,
  sign_out: 17,
  "events.read": 24,
  "users.list": 18,
  "users.create": 19,
  "users.disable": 23,
  "devices.create": 19,
  "devices.rename": 19,
  "devices.remove": 20,
  "two_factor.reset": 21,
  "access.unlock": 23,
  "access.end": 23,
  "policy.read": 18,
  // As far-reaching as what it asks of everybody, and no API has it.
  "policy.change": 21,
  "audit.read": 25,
  "api_tokens.list": 24,
  "api_tokens.create": 26,
  "api_tokens.revoke": 26,
  set_up: 27,
  "health.read": 29,
} as const;

export type Operation = keyof typeof OPERATIONS;
