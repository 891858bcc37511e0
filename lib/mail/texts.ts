import Bowser from "bowser";
import type { MailKind } from "@/lib/core/mail-queue";
import { mailHtml } from "./html";

/** What a mail is made from: its row, and how this installation calls itself. */
export type MailSource = {
  kind: MailKind;
  createdAt: Date;
  details: {
    address?: string;
    userAgent?: string;
    name?: string;
    failures?: number;
    codesLeft?: number;
    linkId?: string;
    codeId?: string;
  };
};

/** How an installation calls itself, and makes what a mail's link or code consists of. */
export type Sender = {
  issuer: string;
  publicUrl: URL;
  linkToken: (id: string) => string;
  code: (id: string) => string;
};
export type MailText = { subject: string; text: string; html: string };

const check = "change your password and look through your sign-in settings";

/** What a mail says: what happened (before when and where), what to do about it, and the page that does it. */
type Words = { subject: string; lead?: string; event: string; advice: string; page?: string };

/** Never a secret but what the mail is for, and no link but to our own pages. */
function words({ kind, details }: MailSource, issuer: string, code: string): Words {
  const named = details.name ? ` “${oneLine(details.name)}”` : "";
  switch (kind) {
    case "two_factor_on":
      return told("Two-factor sign-in is on", `You turned on two-factor sign-in for your ${issuer} account`);
    case "two_factor_off":
      return told(
        "Two-factor sign-in is off",
        `Two-factor sign-in was turned off for your ${issuer} account`,
      );
    case "two_factor_reset":
      return {
        subject: "Your two-factor sign-in was reset",
        event: `An administrator removed the authenticators and recovery codes of your ${issuer} account`,
        advice:
          "If you asked for this, sign in and set up an authenticator again. If you did not, ask your administrator",
      };
    case "authenticator_added":
      return told(
        "An authenticator was added",
        `The authenticator${named} was added to your ${issuer} account`,
      );
    case "authenticator_replaced":
      return told(
        "An authenticator was replaced",
        `The authenticator${named} of your ${issuer} account was replaced by a new one. The old one no longer works. It happened`,
      );
    case "authenticator_removed":
      return told(
        "An authenticator was removed",
        `The authenticator${named} was removed from your ${issuer} account`,
      );
    case "recovery_codes_made":
      return told(
        "You have new recovery codes",
        `New recovery codes were made for your ${issuer} account. The old ones no longer work. It happened`,
      );
    case "recovery_code_used":
      return told(
        "A recovery code was used",
        `One of the recovery codes of your ${issuer} account was used${leftOver(details.codesLeft)}. It happened`,
      );
    case "trusted_browser_added":
      return told(
        "A browser is trusted for 30 days",
        `A browser was trusted, so that your ${issuer} account asks for no code in it for 30 days. It happened`,
      );
    case "trusted_browser_reused":
      return warned(
        "A trusted browser may have been copied",
        `Someone entered your ${issuer} password and brought an old copy of what a trusted browser keeps. That browser is no longer trusted, and a code was asked for. It happened`,
      );
    case "password_changed":
      return told("Your password was changed", `The password of your ${issuer} account was changed`);
    case "new_password_asked":
      return {
        subject: "Choose a new password",
        event: `Someone asked to choose a new password for your ${issuer} account`,
        advice:
          "If this was you, choose it here within 30 minutes; your code is asked for as ever. If it was not, there is nothing to do: without this link nothing changes",
        page: "/new-password",
      };
    case "email_confirmation_asked":
      return {
        subject: "Confirm your e-mail address",
        event: `This address was given for a ${issuer} account`,
        advice:
          "If that was you, confirm within 24 hours that you read its mail. If it was not, there is nothing to do",
        page: "/confirm-email",
      };
    case "email_change_asked":
      return {
        subject: "Confirm your new e-mail address",
        event: `Someone asked that their ${issuer} account change to this address`,
        advice:
          "If that was you, confirm it within 24 hours; until then the old address counts. If it was not, there is nothing to do",
        page: "/confirm-email",
      };
    case "email_in_use":
      return {
        subject: "Your address was given for another account",
        event: `Someone asked that another ${issuer} account change to this address. It is the address of your account, so nothing was changed. It happened`,
        advice: "There is nothing to do. If it was you, sign in with this address instead",
      };
    case "email_changed":
      return {
        subject: "Your e-mail address was changed",
        event: `The e-mail address of your ${issuer} account was changed to ${details.name ?? "another one"}, and mails go there from now on. It happened`,
        advice:
          "If this was you, there is nothing to do. If it was not, tell whoever runs this service at once, and look through your sign-in settings",
      };
    case "sign_in_code":
      return {
        subject: "Your sign-in code",
        lead: `${code} is the code for your sign-in to ${issuer}. It is good for 10 minutes.`,
        event: "It was asked for after your password was entered,",
        advice:
          "If that was not you, somebody knows your password. Give this code to nobody, and choose a new password",
        page: "/forgotten-password",
      };
    case "sign_in_code_failed":
      return warned(
        "Someone entered a wrong sign-in code",
        `Someone entered your ${issuer} password correctly and then a wrong code, so they were not let in. It happened`,
      );
    case "sign_in_locked":
      return {
        subject: "Many wrong sign-in codes",
        event: `Someone who knows your ${issuer} password has entered ${details.failures ?? "many"} wrong codes, so new browsers have to wait. It happened`,
        advice:
          "Browsers that you have used before still let you in, and so do recovery codes. If this was not you, choose a new password; that also lets codes from your app count in new browsers again",
        page: "/forgotten-password",
      };
  }
}

const told = (subject: string, event: string): Words => ({
  subject,
  event,
  advice: `If this was you, there is nothing to do. If it was not, ${check}`,
});
const warned = (subject: string, event: string): Words => ({
  subject,
  event,
  advice: `If this was you, there is nothing to do. If it was not, somebody knows your password: ${check}`,
});

/** A mail's subject, plain text and HTML, in the second person. */
export function mailText(source: MailSource, sender: Sender): MailText {
  const { issuer, publicUrl } = sender;
  const { linkId, codeId } = source.details;
  const code = codeId === undefined ? "" : sender.code(codeId);
  const { subject, lead, event, advice, page = "/settings/security" } = words(source, issuer, code);
  const when = `${new Intl.DateTimeFormat("en-GB", { dateStyle: "long", timeStyle: "short", timeZone: "UTC" }).format(source.createdAt)} UTC`;
  const query = linkId === undefined ? "" : `?token=${sender.linkToken(linkId)}`;
  const link = new URL(`${page}${query}`, publicUrl).href;
  const paragraphs = [...(lead ? [lead] : []), `${event} on ${when}${origin(source.details)}.`, `${advice}:`];
  // The form of origin-bound one-time codes, from which programs fill it in on this host alone.
  const last = code === "" ? "" : `@${publicUrl.hostname} #${code}`;
  const text = `${paragraphs.join("\n\n")}\n${link}\n\n${issuer}\n${last && `\n${last}\n`}`;
  const html = mailHtml({ lang: "en", paragraphs, link, sender: issuer, last });
  return { subject: `${issuer}: ${subject}`, text, html };
}

function leftOver(codes: number | undefined): string {
  if (codes === undefined) return "";
  if (codes === 0) return ", and none is left: make new ones";
  return codes === 1
    ? ", and 1 is left: make new ones"
    : `, and ${codes} are left${codes <= 3 ? ": make new ones" : ""}`;
}

function origin({ address, userAgent }: MailSource["details"]): string {
  const browser = userAgent ? browserInWords(userAgent) : "";
  const parts = [browser && `from ${browser}`, address && `(address ${oneLine(address)})`].filter(Boolean);
  return parts.length > 0 ? ` ${parts.join(" ")}` : "";
}

function browserInWords(userAgent: string): string {
  const { browser, os } = Bowser.parse(userAgent.slice(0, 500));
  if (!browser.name) return "";
  return os.name ? `${browser.name} on ${os.name}` : browser.name;
}

/** What a person typed must not add lines to a mail, nor links that look like ours. */
function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}]/gu, " ").slice(0, 80);
}
