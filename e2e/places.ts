import type { Page } from "@playwright/test";
import { isAdministrators, SCOPES } from "@/lib/core/access/scopes";
import { createApiToken } from "@/lib/core/api-tokens";
import type { Context } from "@/lib/core/context";
import { askToConfirmEmail } from "@/lib/core/email-address";
import { provisionTotp } from "@/lib/core/factors/provisioned-totp";
import { regenerateRecoveryCodes } from "@/lib/core/factors/recovery-codes";
import { startTotpSetup } from "@/lib/core/factors/totp";
import { askForNewPassword } from "@/lib/core/forgotten-password";
import { LIMITS } from "@/lib/core/limits";
import { makeMailLink } from "@/lib/core/mail-links";
import { mailLinkToken } from "@/lib/core/mail-secrets";
import { mailSignInCode } from "@/lib/core/mailed-code";
import { readSession, type SignedIn } from "@/lib/core/sessions";
import { beginSignIn } from "@/lib/core/sign-in";
import { test as base } from "./fixtures";
import { contextOf, failCodes, PASSWORD, type Person } from "./people";
import { serverUrl } from "./server";
import { SECURITY, TOKENS, VERIFY, WIZARD } from "./steps";

/** Who looks at a page: nobody, somebody whose code is owed, or somebody signed in, in one of several situations. */
export type Visitor =
  | "nobody"
  | "mailed a link"
  | "challenged"
  | "mailed a code"
  | "kept waiting"
  | "locked out"
  | "unprotected"
  | "unprotected and not lately proven"
  | "setting up"
  | "protected"
  | "confirmed"
  | "protected and not lately proven"
  | "replacing"
  | "holding tokens"
  | "saving codes"
  | "given an authenticator"
  | "owing a new password"
  | "invited"
  | "administrator"
  | "due";

/**
 * A page of the service. In its path `{factor}` is an authenticator of the visitor's, `{apiToken}` a token just made, `{link}` and `{emailLink}` are the tokens of
 * mailed links, `{user}` is somebody whom an administrator looks at, and `{device}` an authenticator made for somebody.
 */
export type Place = { name: string; path: string; visitor: Visitor; heading: string };

const place = (visitor: Visitor, path: string, name: string, heading: string): Place => ({
  name,
  path,
  visitor,
  heading,
});

/** Every page there is, in every form that differs. The first administrator's page opens once: see its own test. */
export const places: Place[] = [
  place("nobody", "/sign-in", "sign-in", "Sign in"),
  place("nobody", "/sign-in?expired=1&done=signed-out", "sign-in with notices", "Sign in"),
  place("nobody", "/sign-up", "sign-up", "Make an account"),
  place("nobody", "/set-up?token=used", "the used set-up link", "This link no longer works"),
  place("nobody", "/forgotten-password", "forgotten password", "Choose a new password"),
  place("nobody", "/forgotten-password?sent=1", "forgotten password, sent", "Check your e-mail"),
  place("mailed a link", "/new-password?token={link}", "new password", "Choose a new password"),
  place("nobody", "/new-password?token=used", "the used link to a new password", "This link no longer works"),
  place("mailed a link", "/confirm-email?token={emailLink}", "confirm an address", "Confirm this address"),
  place("nobody", "/confirm-email?token=used", "the used link to confirm", "This link no longer works"),
  place("nobody", "/docs", "the APIs", "APIs"),
  place("nobody", "/docs/thogits", "an API for browsers", "Thogits API"),
  place("protected", "/docs/omnitron", "an API, to somebody signed in", "Omnitron API"),
  place("nobody", "/docs/athena", "the longest API", "Athena API"),
  place("nobody", "/docs/nothing", "an API that is not there", "There is nothing here"),
  place("nobody", "/conformance", "conformance", "Conformance"),
  place("nobody", "/nothing", "a page that is not there", "There is nothing here"),
  place("challenged", VERIFY, "code entry", "Enter your authentication code"),
  place("challenged", `${VERIFY}?with=recovery`, "recovery-code entry", "Enter a recovery code"),
  place("mailed a code", `${VERIFY}?with=mail`, "mailed-code entry", "Enter the code from your e-mail"),
  place("kept waiting", VERIFY, "code entry, kept waiting", "Enter your authentication code"),
  place("locked out", VERIFY, "code entry, locked", "Codes from an app are held back here"),
  place("unprotected", SECURITY, "security, off", "Security"),
  place("unprotected", WIZARD, "set-up, start", "Set up an authenticator app"),
  place("setting up", WIZARD, "set-up, scan", "Scan the QR code"),
  place("unprotected and not lately proven", "/step-up", "step-up by password", "Show that it is you"),
  place("protected", SECURITY, "security, on", "Security"),
  place("protected", `${SECURITY}?done=password-changed`, "security with a notice", "Security"),
  place("protected", `${SECURITY}/authenticators/{factor}/remove`, "remove", "Remove “Phone”"),
  place("protected", `${SECURITY}/authenticators/{factor}/replace`, "replace", "Replace “Phone”"),
  place("protected", `${SECURITY}/authenticators/{factor}/test`, "test", "Test “Phone”"),
  place("replacing", WIZARD, "replace, scan", "Scan the QR code"),
  place("protected", `${WIZARD}/done?replaced=1`, "replace, done", "The authenticator is replaced"),
  place("protected", `${SECURITY}/activity`, "activity", "Activity"),
  place("protected", TOKENS, "API tokens, none", "API tokens"),
  place("holding tokens", TOKENS, "API tokens", "API tokens"),
  place("holding tokens", `${TOKENS}?made={apiToken}`, "API tokens, one just made", "API tokens"),
  place("unprotected", TOKENS, "API tokens, before two-factor sign-in", "API tokens"),
  place("protected", `${TOKENS}/new`, "make an API token", "Make an API token"),
  place("protected", `${SECURITY}/turn-off`, "turn off", "Turn off two-factor sign-in"),
  place(
    "protected",
    `${SECURITY}/recovery-codes`,
    "recovery codes, gone",
    "Your recovery codes are not shown again",
  ),
  place("protected", `${WIZARD}/done`, "set-up, done", "Two-factor sign-in is on"),
  place("protected", "/settings/password", "password", "Password"),
  place("protected", "/settings/email", "e-mail address", "E-mail address"),
  place("confirmed", SECURITY, "security, with codes by mail", "Security"),
  place("confirmed", "/settings/email?done=email-confirmed", "e-mail address, confirmed", "E-mail address"),
  place("protected", WIZARD, "add another", "Add an authenticator app"),
  place("protected", "/sign-in/recovery-used", "recovery code used", "You're signed in with a recovery code"),
  place("protected and not lately proven", "/step-up", "step-up by code", "Show that it is you"),
  place(
    "protected and not lately proven",
    "/step-up?with=recovery",
    "step-up by recovery code",
    "Show that it is you",
  ),
  place("invited", "/new-password?token={link}", "invitation", "Choose your password"),
  place("owing a new password", "/settings/password", "password, asked for", "Password"),
  place("given an authenticator", SECURITY, "security, an authenticator waits", "Security"),
  place("given an authenticator", WIZARD, "set-up, one waits", "Set up an authenticator app"),
  place("given an authenticator", `${WIZARD}?device={device}`, "set-up of one that waits", "Set up “Tablet”"),
  place("administrator", SECURITY, "security, of an administrator", "Security"),
  place("administrator", "/admin/users", "users", "Users"),
  place("administrator", "/admin/users?q=nobody-has-this&twoFactor=on", "users, none found", "Users"),
  place("administrator", "/admin/users/new", "make a user", "Make a user"),
  place("administrator", "/admin/users/{user}?done=made", "a user", "Kim Example"),
  place("administrator", "/admin/users/{user}/disable", "disable", "Disable the account"),
  place("administrator", "/admin/users/{user}/reset", "reset", "Reset two-factor sign-in"),
  place("administrator", "/admin/users/{user}/unlock", "unlock", "Unlock the account"),
  place("administrator", "/admin/users/{user}/end-sessions", "end sessions", "End all sessions"),
  place("administrator", "/admin/users/{user}/make-device", "make an authenticator", "Make an authenticator"),
  place("administrator", "/admin/users/{user}/devices/{device}/remove", "remove a device", "Remove “Tablet”"),
  place("administrator", "/admin/users/nobody", "a user that is not there", "There is nothing here"),
  place("protected", "/admin/users", "the console, to others", "This is for administrators"),
  place("saving codes", `${SECURITY}/recovery-codes?then=done`, "recovery codes", "Save your recovery codes"),
  place("administrator", "/admin/audit", "audit log", "Audit log"),
  place(
    "administrator",
    "/admin/audit?kind=totp.*&via=cli&from=2000-01-01&to=2000-01-02",
    "audit log, nothing found",
    "Audit log",
  ),
  place(
    "administrator",
    "/admin/audit?person=nobody",
    "audit log, notice of a search for nobody",
    "Audit log",
  ),
  place("due", WIZARD, "set-up, required", "Set up an authenticator app"),
  place("administrator", "/admin/policy", "policy", "Policy"),
  place("administrator", "/admin/policy?done=saved", "policy with a notice", "Policy"),
  place("administrator", "/admin/adoption", "adoption", "Adoption"),
  place("administrator", "/admin/adoption?show=late", "adoption, late", "Adoption"),
  place("protected", "/admin/policy", "policy, to somebody else", "This is for administrators"),
];

type PlaceFixtures = {
  /** Makes a page's browser that of such a visitor. Returns the path of a place for this visitor. */
  become: (page: Page, visitor: Visitor) => Promise<(path: string) => string>;
};

export const test = base.extend<PlaceFixtures>({
  become: async ({ db, keys, address, makeProtected, person, bringSession }, use) => {
    const ctx = contextOf(db, keys, address, new Date());
    const signedIn = async ({ token }: Person): Promise<SignedIn> => {
      const session = await readSession(ctx, token);
      if (!session) throw new Error("this session should be live");
      return session;
    };
    const forgetProof = ({ id }: Person) => {
      const longAgo = new Date(Date.now() - 1_800_000);
      return db.session.updateMany({
        where: { userId: id },
        data: { passwordProvenAt: longAgo, factorProvenAt: longAgo },
      });
    };
    await use(async (page, visitor) => {
      if (visitor === "nobody") return (path) => path;
      if (visitor === "mailed a link") {
        await askForNewPassword(ctx, person);
        await askToConfirmEmail(ctx, await signedIn(person));
        const links = await db.mailLink.findMany({ where: { userId: person.id }, orderBy: { id: "asc" } });
        const [first = "", second = ""] = links.map(({ id }) => mailLinkToken(keys, id));
        return (path) => path.replace("{link}", first).replace("{emailLink}", second);
      }
      if (visitor === "invited") {
        const { id: userId, email } = person;
        const id = await makeMailLink(ctx, db, { userId, email, purpose: "invitation" });
        return (path) => path.replace("{link}", mailLinkToken(keys, id));
      }
      if (visitor === "given an authenticator" || visitor === "administrator") {
        const shown = await makeProtected();
        const admin = await makeProtected({ isAdmin: true });
        const acting = await signedIn(admin);
        const isOwner = visitor === "given an authenticator";
        const userId = isOwner ? person.id : shown.id;
        const device = await provisionTotp(ctx, acting, { userId, name: "Tablet" });
        await db.user.update({ where: { id: shown.id }, data: { name: "Kim Example" } });
        await bringSession(page, isOwner ? person : admin);
        return (path) => path.replace("{user}", userId).replace("{device}", device.id);
      }
      if (visitor.startsWith("unprotected") || visitor === "setting up" || visitor === "due") {
        // Policy asks administrators for two-factor sign-in, always.
        if (visitor === "due") await db.user.update({ where: { id: person.id }, data: { isAdmin: true } });
        await bringSession(page, person);
        if (visitor === "setting up") await startTotpSetup(ctx, await signedIn(person), { name: "Phone" });
        if (visitor.endsWith("proven")) await forgetProof(person);
        return (path) => path;
      }
      const owner = await makeProtected();
      const confirm = () => db.user.update({ where: { id: owner.id }, data: { emailVerifiedAt: ctx.now } });
      if (isOwed(visitor)) {
        const begun = await beginSignIn(ctx, { ...owner, password: PASSWORD });
        await bringChallenge(page, begun);
        if (visitor === "mailed a code") {
          await confirm();
          await mailSignInCode(ctx, { challengeToken: begun.token });
        }
      } else await bringSession(page, owner);
      if (visitor === "kept waiting") await failCodes(db, owner, 5, 600_000);
      if (visitor === "locked out") await failCodes(db, owner, LIMITS.account.units, 0);
      if (visitor === "owing a new password")
        await db.user.update({ where: { id: owner.id }, data: { passwordChangeDemandedAt: ctx.now } });
      if (visitor === "confirmed") await confirm();
      if (visitor === "replacing")
        await startTotpSetup(ctx, await signedIn(owner), { replaces: owner.factorId });
      if (visitor === "saving codes") await regenerateRecoveryCodes(ctx, await signedIn(owner));
      if (visitor.endsWith("proven")) await forgetProof(owner);
      if (visitor !== "holding tokens") return (path) => path.replace("{factor}", owner.factorId);
      const id = await makeTokens(ctx, await signedIn(owner));
      return (path) => path.replace("{apiToken}", id);
    });
  },
});

/** Makes two tokens, one with a long name and all that it can have; returns the id of the newest, which was not shown yet. */
async function makeTokens(ctx: Context, signedIn: SignedIn): Promise<string> {
  const scopes = SCOPES.filter((scope) => !isAdministrators(scope));
  const name = "Inventory_of_all_that_is_in_the_cupboards_of_the_third_floor";
  await createApiToken(ctx, signedIn, { name, scopes, days: 90 });
  return (await createApiToken(ctx, signedIn, { name: "Nightly backup", scopes: ["2fa:read"] })).id;
}

/** Whether it is somebody whose password was right, and whose code is still to come. */
const isOwed = (visitor: Visitor) =>
  ["challenged", "mailed a code", "kept waiting", "locked out"].includes(visitor);

/** Gives a browser a sign-in whose code is still owed. */
export async function bringChallenge(
  page: Page,
  begun: Awaited<ReturnType<typeof beginSignIn>>,
): Promise<void> {
  if (begun.kind !== "challenge") throw new Error("a second factor should be owed");
  const cookie = { name: "countersign.challenge", httpOnly: true, sameSite: "Lax" } as const;
  await page.context().addCookies([{ ...cookie, value: begun.token, url: serverUrl() }]);
}

export { expect } from "./fixtures";
