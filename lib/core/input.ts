import { LIMITS } from "./limits";
import { type InputField, refuse } from "./refusals";

// RFC 5322's dot-atom without comments and quoting, as HTML's type=email has it, on a domain of at least one label.
const EMAIL = /^[\p{L}\p{N}.!#$%&'*+/=?^_`{|}~-]+@[\p{L}\p{N}](?:[\p{L}\p{N}.-]*[\p{L}\p{N}])?$/u;
/**
 * Control characters; halves of surrogate pairs, which no database text can hold; and what cannot be seen but changes how the text
 * around it reads (Unicode TR 36, section 2.5). Joiners are needed to write some languages and emoji.
 */
const UNPRINTABLE = /[\p{Cc}\p{Cs}\u2028\u2029]|(?![\u200c\u200d])\p{Cf}/u;

/**
 * An e-mail address as it is stored and looked up: NFKC, trimmed, lower case. Normalised before it is checked, so that
 * nothing passes the check and becomes something else afterwards.
 */
export function normaliseEmail(typed: string): string {
  return typed.normalize("NFKC").trim().toLowerCase();
}

/** A normalised e-mail address. Refuses `invalid_input`. */
export function parseEmail(typed: string, field: InputField = "email"): string {
  const email = normaliseEmail(typed.slice(0, LIMITS.input.emailLength * 4));
  if (email === "") refuse({ code: "invalid_input", field, problem: "missing" });
  if (email.length > LIMITS.input.emailLength) refuse({ code: "invalid_input", field, problem: "too_long" });
  if (UNPRINTABLE.test(email) || !EMAIL.test(email)) {
    refuse({ code: "invalid_input", field, problem: "malformed" });
  }
  return email;
}

/** Enough of an address for its owner to recognise it: `j•••@example.org`. */
export function maskEmail(email: string): string {
  const at = email.lastIndexOf("@");
  return `${[...email][0] ?? ""}•••${email.slice(at)}`;
}

/**
 * A password as it is hashed: NFKC (NIST SP 800-63B-4 section 3.1.1.2), nothing trimmed, lengths in code points.
 * Refuses `invalid_input`. A typed password that must match a stored one is only checked for what cannot be hashed.
 */
export function parsePassword(typed: string, field: "password" | "newPassword", isNew: boolean): string {
  const { passwordMin, passwordMax } = LIMITS.input;
  if (typed === "") refuse({ code: "invalid_input", field, problem: "missing" });
  // Normalising can grow a text eighteenfold; look at the raw length first.
  if (typed.length > passwordMax * 4) refuse({ code: "invalid_input", field, problem: "too_long" });
  if (/[\0\p{Cs}]/u.test(typed)) refuse({ code: "invalid_input", field, problem: "malformed" });
  const password = typed.normalize("NFKC");
  const length = [...password].length;
  if (length > passwordMax) refuse({ code: "invalid_input", field, problem: "too_long" });
  if (isNew && length < passwordMin) refuse({ code: "invalid_input", field, problem: "too_short" });
  return password;
}

/** A name that people see: trimmed, runs of blanks folded, no control characters. Refuses `invalid_input`. */
export function parseName(typed: string, maxLength: number, field: InputField = "name"): string {
  if (typed.length > maxLength * 4) refuse({ code: "invalid_input", field, problem: "too_long" });
  if (UNPRINTABLE.test(typed)) refuse({ code: "invalid_input", field, problem: "malformed" });
  const name = typed.normalize("NFC").trim().replace(/\s+/g, " ");
  if (/^[\s\u200c\u200d]*$/.test(name)) refuse({ code: "invalid_input", field, problem: "missing" });
  if ([...name].length > maxLength) refuse({ code: "invalid_input", field, problem: "too_long" });
  return name;
}

/** Whom an authenticator app shows as issuer. A colon would end it in the key URI's label. Refuses `invalid_input`. */
export function parseIssuer(typed: string): string {
  const issuer = parseName(typed, LIMITS.authenticators.nameLength, "issuer");
  return issuer.includes(":")
    ? refuse({ code: "invalid_input", field: "issuer", problem: "malformed" })
    : issuer;
}

/** Why somebody did something to another's account, in one line. Refuses `invalid_input`. */
export function parseReason(typed: string): string {
  return parseName(typed, LIMITS.input.reasonLength, "reason");
}

/** What to look for; null for text that cannot be in a name or an address. */
export function parseSearch(typed: string): string | null {
  if (typed.length > LIMITS.input.emailLength || UNPRINTABLE.test(typed)) return null;
  return typed.normalize("NFKC").trim();
}

/** A name that may be left out: blank counts as none. Refuses `invalid_input`. */
export function parseOptionalName(typed: string | null | undefined, maxLength: number): string | null {
  return typed === null || typed === undefined || typed.trim() === "" ? null : parseName(typed, maxLength);
}

/**
 * A typed code without what people and keyboards put around it: full-width digits made plain (NFKC), blanks and dashes
 * dropped. Refuses `invalid_input`.
 */
export function parseCode(typed: string): string {
  if (typed.length > LIMITS.input.codeLength)
    refuse({ code: "invalid_input", field: "code", problem: "too_long" });
  const code = typed
    .normalize("NFKC")
    .replace(/[\s\p{Pd}]/gu, "")
    .toUpperCase();
  if (code === "") refuse({ code: "invalid_input", field: "code", problem: "missing" });
  if (!/^[0-9A-Z]+$/.test(code)) refuse({ code: "invalid_input", field: "code", problem: "malformed" });
  return code;
}
