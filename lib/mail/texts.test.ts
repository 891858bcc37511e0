import { expect, test } from "vitest";
import type { MailKind } from "@/lib/core/mail-queue";
import { mailText } from "./texts";

const sender = {
  issuer: "Example",
  publicUrl: new URL("https://id.example.org"),
  linkToken: (id: string) => `${id}.proof`,
  code: (id: string) => `1234${id}`,
};
const createdAt = new Date("2026-07-01T12:34:56Z");
const userAgent = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";

const SECURITY = "/settings/security";
/** Where the link of each leads. */
const pages: Record<MailKind, string> = {
  two_factor_on: SECURITY,
  two_factor_off: SECURITY,
  two_factor_reset: SECURITY,
  authenticator_added: SECURITY,
  authenticator_replaced: SECURITY,
  authenticator_removed: SECURITY,
  authenticator_shown: "/forgotten-password",
  own_code: "/forgotten-password",
  recovery_codes_made: SECURITY,
  recovery_code_used: SECURITY,
  trusted_browser_added: SECURITY,
  trusted_browser_reused: "/forgotten-password",
  password_changed: "/forgotten-password",
  new_password_asked: "/new-password",
  email_confirmation_asked: "/confirm-email",
  email_change_asked: "/confirm-email",
  email_in_use: SECURITY,
  email_change_announced: "/forgotten-password",
  email_changed: "/",
  sign_in_code: "/forgotten-password",
  sign_in_code_failed: "/forgotten-password",
  sign_in_locked: "/forgotten-password",
  api_token_made: SECURITY,
  authenticator_provisioned: SECURITY,
  authenticator_taken_away: SECURITY,
  two_factor_on_elsewhere: SECURITY,
  account_invited: "/new-password",
  account_disabled: "/",
  account_enabled: "/sign-in",
  account_unlocked: SECURITY,
  access_ended: SECURITY,
  two_factor_required: SECURITY,
};

const byAdministrators = new Set<MailKind>([
  "authenticator_provisioned",
  "authenticator_taken_away",
  "two_factor_reset",
  "account_invited",
  "account_disabled",
  "account_enabled",
  "account_unlocked",
  "access_ended",
  // Nobody's.
  "two_factor_required",
]);

// Of an object's keys TypeScript only knows that they are strings; these are the type's.
test.each(Object.keys(pages) as MailKind[])("%s says what, when, from where and what to do", (kind) => {
  const details = { address: "192.0.2.1", userAgent, name: "Phone", failures: 10 };
  const { subject, text, html } = mailText({ kind, createdAt, details }, sender);
  expect(subject).toMatch(/^Example: \S/);
  // The HTML says the same, and fetches nothing.
  const said = html.replace(/<style.*?<\/style>|<title>.*?<\/title>|<[^>]+>/gs, " ").replace(/&quot;/g, '"');
  expect(said.replace(/\s+/g, " ").trim()).toBe(text.replace(/\s+/g, " ").trim());
  const page = `https://id.example.org${pages[kind]}`;
  expect(html.match(/(?:src|href|url\()[^>]*/g)).toEqual([expect.stringContaining(`href="${page}"`)]);
  // From where an administrator acts is not told to whom they act on.
  const from = byAdministrators.has(kind) ? "" : " from Firefox on Linux (address 192.0.2.1)";
  expect(text).toMatch(/ on 1 July 2026 at 12:34 UTC/);
  expect(text.match(/ from Firefox.*\(address [^)]*\)/)?.[0] ?? "").toBe(from);
  expect(text).toContain(`${page}\n`);
  expect(text).not.toMatch(/undefined|null|NaN|\[object/);
  expect(text.length).toBeLessThan(700);
});

test("an administrator's work is told apart by what came of it", () => {
  const say = (kind: MailKind, details: object) => mailText({ kind, createdAt, details }, sender);
  const off = say("authenticator_taken_away", { name: "Phone", isOff: true });
  expect(off.subject).toBe("Example: Two-factor sign-in is off");
  expect(off.text).toContain("your password alone opens the account now");
  const waiting = say("authenticator_taken_away", { name: "Phone", isWaiting: true });
  expect(waiting.text).toContain("“Phone”, which waited for you to set it up, from");
  const made = say("email_confirmation_asked", { isByAdministrator: true, address: "192.0.2.1", userAgent });
  expect(made.text).toMatch(/^An administrator made an account at Example/);
  expect(made.text).not.toContain("192.0.2.1");
});

test("what a person typed adds no lines", () => {
  const details = { name: "Phone\r\n\r\nOpen https://evil.example", address: "", userAgent: "" };
  const { subject, text } = mailText({ kind: "authenticator_added", createdAt, details }, sender);
  expect(`${subject}\n${text}`).not.toMatch(/^Open/m);
});

test("what people typed is text in the HTML, too", () => {
  const details = { name: `<img src=x onerror="x()">&amp;'`, address: "<b>", userAgent: "" };
  const { html } = mailText({ kind: "authenticator_added", createdAt, details }, sender);
  expect(html).toContain("&lt;img src=x onerror=&quot;x()&quot;&gt;&amp;amp;&#39;");
  expect(html).not.toMatch(/<(?:img|b)\b/);
});

test.each([
  [9, ". 9 are left."],
  [3, ". 3 are left: make new ones."],
  [1, ". 1 is left: make new ones."],
  [0, ". None is left: make new ones."],
])("a recovery code that leaves %i says so", (codesLeft, words) => {
  const { text } = mailText({ kind: "recovery_code_used", createdAt, details: { codesLeft } }, sender);
  expect(text).toContain(words);
});

test("a link's token stands in the mail alone, made from the id in its row", () => {
  const details = { linkId: "01J", userAgent: "" };
  const { text } = mailText({ kind: "new_password_asked", createdAt, details }, sender);
  expect(text).toContain("https://id.example.org/new-password?token=01J.proof\n");
});

test("a mailed code stands once in the text and in the last line, bound to the host, and not in the subject", () => {
  const details = { codeId: "56", userAgent: "" };
  const { subject, text, html } = mailText({ kind: "sign_in_code", createdAt, details }, sender);
  expect(subject).not.toContain("123456");
  expect(text.trim().split("\n").at(-1)).toBe("@id.example.org #123456");
  expect(text.match(/123456/g)).toHaveLength(2);
  expect(html.match(/123456/g)).toHaveLength(2);
});

test("a stranger's own words in a User-Agent header are in no mail", () => {
  const spoken = "Support: your account is suspended, sign in at https://evil.example/keep now";
  const { text, html } = mailText(
    { kind: "new_password_asked", createdAt, details: { address: "192.0.2.1", userAgent: spoken } },
    sender,
  );
  expect(`${text}${html}`).not.toMatch(/Support|suspended|evil/);
  expect(text).toContain("12:34 UTC (address 192.0.2.1)");
});
