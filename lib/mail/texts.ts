import { FEW_RECOVERY_CODES, LIMITS } from "@/lib/core/limits";
import type { MailKind } from "@/lib/core/mail-queue";
import { knownUserAgent } from "@/lib/core/user-agent";
import { mailHtml } from "./html";

/** What a mail tells of, from its row. */
type Details = {
  address?: string;
  userAgent?: string;
  name?: string;
  newEmail?: string;
  failures?: number;
  codesLeft?: number;
  reason?: string;
  daysLeft?: number;
  linkId?: string;
  codeId?: string;
  /** Of an authenticator that is gone: it was never proven; or it was the last one. */
  isWaiting?: boolean;
  isOff?: boolean;
  isByAdministrator?: boolean;
};

/** What a mail is made from: its row. */
export type MailSource = { kind: MailKind; createdAt: Date; details: Details };

/** How an installation calls itself, and makes what a mail's link or code consists of. */
export type Sender = {
  issuer: string;
  publicUrl: URL;
  linkToken: (id: string) => string;
  code: (id: string) => string;
};
export type MailText = { subject: string; text: string; html: string };

/**
 * `at` is when and from where, as the end of a sentence; `when` leaves out from where, which an administrator's browser is no
 * business of whom they act on. `code` is of the mail's own, "" where it has none.
 */
type Facts = { issuer: string; at: string; when: string; code: string; details: Details };
/** What happened, what to do about it, and the page that does it. */
type Words = { subject: string; happened: string; advice: string; page?: string };

const NOTHING_TO_DO = "If this was you, there is nothing to do.";
const CHECK = `${NOTHING_TO_DO} If it was not, change your password and look through your sign-in settings`;
const STOLEN = `${NOTHING_TO_DO} If it was not, somebody knows your password: choose a new one`;
const ASK_ADMINISTRATOR =
  "If you did not expect this, ask your administrator. Your sign-in settings are here";
const CHOOSE = "/forgotten-password";

// Never a secret but what the mail is for, and no link but to our own pages. Where somebody may have taken the account over,
// the link leads where its owner gets in without the password.
const WORDS: Record<MailKind, (facts: Facts) => Words> = {
  two_factor_on: ({ issuer, at }) => ({
    subject: "Two-factor sign-in is on",
    happened: `You turned on two-factor sign-in for your ${issuer} account ${at}.`,
    advice: CHECK,
  }),
  two_factor_off: ({ issuer, at }) => ({
    subject: "Two-factor sign-in is off",
    happened: `Two-factor sign-in was turned off for your ${issuer} account ${at}.`,
    advice: CHECK,
  }),
  two_factor_reset: ({ issuer, when, details }) => ({
    subject: "Your two-factor sign-in was reset",
    happened: `An administrator removed the authenticators and recovery codes of your ${issuer} account ${when}.${because(details)}`,
    advice:
      "If you asked for this, sign in and set up an authenticator again. If you did not, ask your administrator",
  }),
  authenticator_added: ({ issuer, at, details }) => ({
    subject: "An authenticator was added",
    happened: `The authenticator${quoted(details.name)} was added to your ${issuer} account ${at}.`,
    advice: CHECK,
  }),
  authenticator_replaced: ({ issuer, at, details }) => ({
    subject: "An authenticator was replaced",
    happened: `The authenticator${quoted(details.name)} of your ${issuer} account was replaced by a new one ${at}. The old one no longer works.`,
    advice: CHECK,
  }),
  authenticator_removed: ({ issuer, at, details }) => ({
    subject: "An authenticator was removed",
    happened: `The authenticator${quoted(details.name)} was removed from your ${issuer} account ${at}.`,
    advice: CHECK,
  }),
  recovery_codes_made: ({ issuer, at }) => ({
    subject: "You have new recovery codes",
    happened: `New recovery codes were made for your ${issuer} account ${at}. The old ones no longer work.`,
    advice: CHECK,
  }),
  recovery_code_used: ({ issuer, at, details }) => ({
    subject: "A recovery code was used",
    happened: `A recovery code of your ${issuer} account was used ${at}.${leftOver(details.codesLeft)}`,
    advice: CHECK,
  }),
  authenticator_shown: ({ issuer, at }) => ({
    subject: "The key of your authenticator was shown again",
    happened: `The secret key of your ${issuer} authenticator was shown again ${at}, after your password and a code. Whoever saw it can make your codes.`,
    advice: `${NOTHING_TO_DO} If it was not, replace the authenticator and choose a new password`,
    page: CHOOSE,
  }),
  trusted_browser_added: ({ issuer, at }) => ({
    subject: "A browser is trusted for 30 days",
    happened: `A browser was trusted ${at}. In it your ${issuer} account asks for no code for 30 days.`,
    advice: CHECK,
  }),
  trusted_browser_reused: ({ issuer, at }) => ({
    subject: "A trusted browser may have been copied",
    happened: `Someone entered your ${issuer} password and used an old copy of one of your trusted browsers ${at}. It is no longer trusted, and a code was asked for.`,
    advice: STOLEN,
    page: CHOOSE,
  }),
  password_changed: ({ issuer, at }) => ({
    subject: "Your password was changed",
    happened: `The password of your ${issuer} account was changed ${at}.`,
    advice: `${NOTHING_TO_DO} If it was not, choose a new one`,
    page: CHOOSE,
  }),
  new_password_asked: ({ issuer, at }) => ({
    subject: "Choose a new password",
    happened: `Someone asked to choose a new password for your ${issuer} account ${at}.`,
    advice:
      "If this was you, choose it here within 30 minutes; your code is asked for as ever. If it was not, there is nothing to do: without this link nothing changes",
    page: "/new-password",
  }),
  email_confirmation_asked: ({ issuer, at, when, details }) => ({
    subject: details.isByAdministrator ? "An account was made for you" : "Confirm your e-mail address",
    happened: details.isByAdministrator
      ? `An administrator made an account at ${issuer} for this address ${when}, and gives you its password.`
      : `This address was given for a ${issuer} account ${at}.`,
    advice: details.isByAdministrator
      ? "Confirm within 24 hours that the address is yours. If you do not expect this, there is nothing to do"
      : "If that was you, confirm within 24 hours that it is yours. If it was not, there is nothing to do",
    page: "/confirm-email",
  }),
  email_change_asked: ({ issuer, at }) => ({
    subject: "Confirm your new e-mail address",
    happened: `Someone asked to use this address for their ${issuer} account ${at}.`,
    advice:
      "If that was you, confirm it within 24 hours; until then the old address stays. If it was not, there is nothing to do",
    page: "/confirm-email",
  }),
  email_change_announced: ({ issuer, at, details }) => ({
    subject: "A new e-mail address was asked for",
    happened: `Someone signed in to your ${issuer} account asked to change its e-mail address to ${oneLine(details.newEmail ?? "another one")} ${at}. Until that address is confirmed, yours stays.`,
    advice: `${NOTHING_TO_DO} If it was not, somebody is in your account: choose a new password, which stops the change`,
    page: CHOOSE,
  }),
  email_in_use: ({ issuer, at }) => ({
    subject: "Your address was given for another account",
    happened: `Someone asked to use this address for another ${issuer} account ${at}. It is the address of yours, so nothing was changed.`,
    advice: "If it was you, sign in with this address instead. If it was not, there is nothing to do",
  }),
  email_changed: ({ issuer, at, details }) => ({
    subject: "Your e-mail address was changed",
    happened: `The e-mail address of your ${issuer} account was changed to ${oneLine(details.newEmail ?? "another one")} ${at}. Mails go there from now on.`,
    advice: `${NOTHING_TO_DO} If it was not, tell whoever runs this service at once`,
    page: "/",
  }),
  sign_in_code: ({ issuer, at, code }) => ({
    subject: "Your sign-in code",
    happened: `${code} is the code for your sign-in to ${issuer}, good for 10 minutes. It was asked for ${at}, after your password was entered.`,
    advice:
      "If that was not you, somebody knows your password. Give this code to nobody, and choose a new password",
    page: CHOOSE,
  }),
  own_code: ({ issuer, at, code }) => ({
    subject: "Your code",
    happened: `${code} is the code that was asked for in your ${issuer} account ${at}. It is good for 10 minutes.`,
    advice:
      "If that was not you, somebody is signed in as you. Give this code to nobody, and choose a new password",
    page: CHOOSE,
  }),
  sign_in_code_failed: ({ issuer, at }) => ({
    subject: "Someone entered a wrong sign-in code",
    happened: `Someone entered your ${issuer} password correctly and then a wrong code ${at}. They were not let in.`,
    advice: STOLEN,
    page: CHOOSE,
  }),
  api_token_made: ({ issuer, at, details }) => ({
    subject: "An API token was made",
    happened: `The API token${quoted(details.name)} was made for your ${issuer} account ${at}. Whoever holds it can act for you within its scopes.`,
    advice: `${NOTHING_TO_DO} If it was not, revoke it and choose a new password`,
  }),
  authenticator_provisioned: ({ issuer, when, details }) => ({
    subject: "An authenticator waits for you",
    happened: `An administrator made the authenticator${quoted(details.name)} for your ${issuer} account ${when}. It does nothing until you scan its QR code and enter a first code.`,
    advice: "Set it up in your sign-in settings, or remove it there if you do not expect it",
  }),
  authenticator_taken_away: ({ issuer, when, details }) => ({
    subject: details.isOff ? "Two-factor sign-in is off" : "An administrator removed an authenticator",
    happened: `An administrator removed the authenticator${quoted(details.name)}${details.isWaiting ? ", which waited for you to set it up," : ""} from your ${issuer} account ${when}.${details.isOff ? " It was the only one: your password alone opens the account now." : ""}${because(details)}`,
    advice: ASK_ADMINISTRATOR,
  }),
  two_factor_on_elsewhere: ({ issuer, at, details }) => ({
    subject: "Two-factor sign-in is on",
    happened: `The authenticator${quoted(details.name)} was proven by a program ${at}, and two-factor sign-in is on for your ${issuer} account. Nobody has seen your recovery codes yet.`,
    advice:
      "Sign in and make a set of recovery codes that you keep. If you did not expect this, ask your administrator",
  }),
  account_invited: ({ issuer, when }) => ({
    subject: "An account was made for you",
    happened: `An administrator made an account at ${issuer} for this address ${when}.`,
    advice:
      "Choose your password within 7 days, then sign in. If you do not expect this, there is nothing to do",
    page: "/new-password",
  }),
  account_disabled: ({ issuer, when, details }) => ({
    subject: "Your account was disabled",
    happened: `An administrator disabled your ${issuer} account ${when}. You are signed out everywhere and cannot sign in.${because(details)}`,
    advice: "If you did not expect this, ask your administrator. The account was for signing in here",
    page: "/",
  }),
  account_enabled: ({ issuer, when, details }) => ({
    subject: "Your account is enabled again",
    happened: `An administrator enabled your ${issuer} account again ${when}.${because(details)}`,
    advice: "You can sign in with your password and your authenticator as before",
    page: "/sign-in",
  }),
  account_unlocked: ({ issuer, when, details }) => ({
    subject: "Your account was unlocked",
    happened: `An administrator let codes count again for your ${issuer} account ${when}. Somebody else may know your password, so you will be asked to choose a new one at your next sign-in.${because(details)}`,
    advice: "Sign in and choose a new password. If you did not ask for this, ask your administrator",
  }),
  access_ended: ({ issuer, when, details }) => ({
    subject: "You were signed out everywhere",
    happened: `An administrator ended all sessions of your ${issuer} account and its trust in browsers ${when}.${because(details)}`,
    advice: ASK_ADMINISTRATOR,
  }),
  two_factor_required: ({ issuer, when, details }) => ({
    subject: "Two-factor sign-in is required",
    happened: `Your ${issuer} account needs two-factor sign-in ${within(details.daysLeft)}. After that nothing else is open until it is set up. This mail was written ${when}.`,
    advice: "Set up an authenticator app in your sign-in settings; it takes about two minutes",
  }),
  sign_in_locked: ({ issuer, at, details }) => ({
    subject: "Many wrong sign-in codes",
    happened: `Someone who knows your ${issuer} password has entered ${details.failures ?? "many"} wrong codes, the last one ${at}. New browsers have to wait.`,
    advice:
      "Browsers that you have used before still let you in, and so do recovery codes. If this was not you, choose a new password; that also lets codes from your app count in new browsers again",
    page: CHOOSE,
  }),
};

/** A mail's subject, plain text and HTML, in the second person. */
export function mailText({ kind, createdAt, details }: MailSource, sender: Sender): MailText {
  const { issuer, publicUrl } = sender;
  const code = details.codeId === undefined ? "" : sender.code(details.codeId);
  const when = `on ${momentInWords(createdAt)}`;
  const at = `${when}${origin(details)}`;
  const {
    subject,
    happened,
    advice,
    page = "/settings/security",
  } = WORDS[kind]({
    issuer,
    at,
    when,
    code,
    details,
  });
  const query = details.linkId === undefined ? "" : `?token=${sender.linkToken(details.linkId)}`;
  const link = new URL(`${page}${query}`, publicUrl).href;
  const paragraphs = [happened, `${advice}:`];
  // The form of origin-bound one-time codes, from which programs fill it in on this host alone.
  const last = code === "" ? "" : `@${publicUrl.hostname} #${code}`;
  const text = `${paragraphs.join("\n\n")}\n${link}\n\n${issuer}\n${last && `\n${last}\n`}`;
  const html = mailHtml({ lang: "en", paragraphs, link, sender: issuer, code, last });
  return { subject: `${issuer}: ${subject}`, text, html };
}

const MOMENT = new Intl.DateTimeFormat("en-GB", { dateStyle: "long", timeStyle: "short", timeZone: "UTC" });
const momentInWords = (moment: Date) => `${MOMENT.format(moment)} UTC`;

function leftOver(codes: number | undefined): string {
  if (codes === undefined) return "";
  if (codes > FEW_RECOVERY_CODES) return ` ${codes} are left.`;
  return ` ${codes === 0 ? "None is" : codes === 1 ? "1 is" : `${codes} are`} left: make new ones.`;
}

function origin({ address, userAgent }: Details): string {
  const browser = browserInWords(userAgent ?? "");
  const parts = [browser && `from ${browser}`, address && `(address ${oneLine(address)})`].filter(Boolean);
  return parts.length > 0 ? ` ${parts.join(" ")}` : "";
}

function browserInWords(userAgent: string): string {
  const { browser, system } = knownUserAgent(userAgent);
  if (!browser) return "";
  return system ? `${browser} on ${system}` : browser;
}

function because({ reason }: Details): string {
  return reason ? ` The reason given: “${oneLine(reason, LIMITS.input.reasonLength)}”.` : "";
}

function within(daysLeft: number | undefined): string {
  if (daysLeft === undefined) return "soon";
  return daysLeft <= 1 ? "within a day" : `within ${daysLeft} days`;
}

function quoted(name: string | undefined): string {
  return name ? ` “${oneLine(name)}”` : "";
}

/** What a person typed must not add lines to a mail, nor links that look like ours. */
function oneLine(text: string, length = 80): string {
  return [...text.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, " ")].slice(0, length).join("");
}
