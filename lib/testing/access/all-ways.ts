import type { Operation } from "@/lib/core/access/operations";
import { STATES, type State } from "./callers";
import { action, api, BY_COOKIE, type Except, page, route, server, TOKENS, type Way } from "./ways";

// Every way in, and how it is asked for each operation that it leads to, as its own clients do, with everything right but the
// caller. What the matrix says of the caller is then what is answered.

const SIGNED_IN: readonly State[] = ["ENROL", "FULL0", "FULL2", "STALE", "ADMIN", "ADM_STALE"];
const EVERYBODY: readonly State[] = [...BY_COOKIE, ...TOKENS];
const NOBODY: readonly State[] = ["ANON", "REVOKED", ...TOKENS];
const OFF: readonly State[] = ["ENROL", "FULL0"];
const ON = SIGNED_IN.filter((state) => !OFF.includes(state));

const all = (states: readonly State[], except: Except) =>
  Object.fromEntries(states.map((state) => [state, except]));

const except = (says: Except["says"], because: string): Except => ({ says, because });

/** Signing in is for whoever is not signed in. */
const SIGNING_IN: readonly State[] = [...NOBODY, "PART"];
/** Whoever owes a code gives it at the sign-in. */
const NOT_OWING: readonly State[] = [...NOBODY, ...SIGNED_IN];

const SET_UP_FIRST = except(
  "enrolment_required",
  "a page sends whoever owes a set-up to it, and says nothing else",
);
const LAST_ONE = except(
  "forbidden",
  "policy asks administrators for it, and this would be the last one: the row's note",
);
const NO_DEVICE = except("not_found", "without a live authenticator there is none of that id");
const SENT_HOME = except("sent to /settings/security", "a page that is of no use leads back");
const FIRST_ALONE = except("conflict", "this API sets up the first authenticator alone");
const GIVES_UP = except("allowed", "what was only begun is given up, as this API has it");
const GOES_BACK = except("challenge_expired", "a sign-in without its first step begins anew");
const UNTOLD = except("not_found", "whoever may see no other account is told that there is none");
const NEVER_PROVEN = except("forbidden", "administrators leave it to its owner to prove it");
const BY_PASSWORD_ALONE = except("invalid_input", "without a second factor the password is what proves it");
const EXPIRED = all(NOBODY, GOES_BACK);
const ENROL_FIRST = { ENROL: SET_UP_FIRST };

const OTHER = { id: "<other id>" };
const ADMIN_PAGES: readonly Way[] = [
  page("admin/users/", "users.list", { except: ENROL_FIRST }),
  page("admin/users/[id]/", "users.list", { except: ENROL_FIRST, params: OTHER }),
  page("admin/adoption/", "users.list", { except: ENROL_FIRST }),
  page("admin/audit/", "audit.read", { except: ENROL_FIRST }),
  page("admin/policy/", "policy.read", { except: ENROL_FIRST }),
  page("admin/users/new/", "users.create", { except: ENROL_FIRST }),
  page("admin/users/[id]/make-device/", "devices.create", { except: ENROL_FIRST, params: OTHER }),
  page("admin/users/[id]/devices/[device]/remove/", "devices.remove", {
    except: ENROL_FIRST,
    params: { ...OTHER, device: "<other device id>" },
  }),
  page("admin/users/[id]/[act]/", "users.disable", {
    except: ENROL_FIRST,
    params: { ...OTHER, act: "disable" },
  }),
  page("admin/users/[id]/[act]/", "two_factor.reset", {
    except: ENROL_FIRST,
    params: { ...OTHER, act: "reset" },
  }),
  page("admin/users/[id]/[act]/", "access.unlock", {
    except: ENROL_FIRST,
    params: { ...OTHER, act: "unlock" },
  }),
  page("admin/users/[id]/[act]/", "access.end", {
    except: ENROL_FIRST,
    params: { ...OTHER, act: "end-sessions" },
  }),
];

const DEVICE = { id: "<TOTP id>" };
const OWN_PAGES: readonly Way[] = [
  page("settings/security/", "sessions.list"),
  page("settings/security/", "trusted_browsers.list"),
  page("settings/security/", "events.read"),
  page("settings/security/activity/", "events.read"),
  page("settings/security/api-tokens/", "api_tokens.list"),
  page("settings/security/api-tokens/new/", "api_tokens.create", {
    except: { FULL0: except("sent to /settings/security/api-tokens", "the list says what is missing") },
  }),
  page("settings/security/recovery-codes/", "two_factor.read"),
  page("settings/security/authenticators/new/", "totp.start"),
  page("settings/security/authenticators/new/", "totp.confirm", { query: { device: "<waiting id>" } }),
  page("settings/security/authenticators/new/done/", "sessions.list", { except: { FULL0: SENT_HOME } }),
  page("settings/security/authenticators/[id]/replace/", "totp.start", {
    params: DEVICE,
    except: { FULL0: NO_DEVICE, ENROL: SET_UP_FIRST },
  }),
  page("settings/security/authenticators/[id]/remove/", "totp.remove", {
    params: DEVICE,
    except: { FULL0: NO_DEVICE, ENROL: SET_UP_FIRST },
  }),
  page("settings/security/authenticators/[id]/test/", "code.verify", {
    params: DEVICE,
    only: NOT_OWING,
    except: { FULL0: NO_DEVICE, ENROL: SET_UP_FIRST },
  }),
  page("settings/security/turn-off/", "totp.remove", {
    except: { FULL0: SENT_HOME, ADMIN: SENT_HOME, ENROL: SET_UP_FIRST },
  }),
  page("settings/email/", "email.confirm"),
  page("settings/password/", "password.change"),
  page("step-up/", "code.verify", {
    only: NOT_OWING,
    except: { ...all(["FULL0", "FULL2", "ADMIN"], SENT_HOME), ...ENROL_FIRST },
  }),
  page("sign-in/verify/", "code.verify", { only: SIGNING_IN }),
  page("set-up/", "set_up", { query: { token: "<set-up token>" }, carries: EVERYBODY }),
];

const REASON = { user: "<other id>", reason: "They asked for it." };
const ADMIN_ACTIONS: readonly Way[] = [
  action("admin/policy/actions.ts savePolicy", "policy.change", { from: "now", graceDays: "3" }),
  action("admin/users/[id]/[act]/actions.ts act", "users.disable", { ...REASON, act: "disable" }),
  action("admin/users/[id]/[act]/actions.ts act", "users.disable", {
    ...REASON,
    user: "<disabled id>",
    act: "enable",
  }),
  action("admin/users/[id]/[act]/actions.ts act", "two_factor.reset", { ...REASON, act: "reset" }),
  action("admin/users/[id]/[act]/actions.ts act", "access.unlock", { ...REASON, act: "unlock" }),
  action("admin/users/[id]/[act]/actions.ts act", "access.end", { ...REASON, act: "end-sessions" }),
  action("admin/users/[id]/actions.ts mailInvitation", "users.create", { user: "<invited id>" }),
  action("admin/users/[id]/devices/[device]/remove/actions.ts removeDevice", "devices.remove", {
    ...REASON,
    device: "<other device id>",
  }),
  action("admin/users/[id]/make-device/actions.ts makeDevice", "devices.create", {
    user: "<other id>",
    name: "Key",
  }),
  action("admin/users/new/actions.ts makeNewUser", "users.create", { email: "<new email>", name: "New" }),
];

const SECURITY = "settings/security/actions.ts";
const WIZARD = "settings/security/authenticators/new/actions.ts";
const OWN_ACTIONS: readonly Way[] = [
  action("settings/email/actions.ts askToConfirm", "email.confirm", {}),
  action("settings/email/actions.ts askToChange", "email.change", {
    email: "<new email>",
    password: "<password>",
  }),
  action("settings/password/actions.ts changePassword", "password.change", {
    password: "<password>",
    newPassword: "<new password>",
  }),
  action(`${SECURITY} startSetup`, "totp.start", { name: "Phone" }, { goesTo: /authenticators\/new$/ }),
  action(
    `${SECURITY} renameAuthenticator`,
    "totp.rename",
    { id: "<TOTP id>", name: "New name" },
    { except: { FULL0: NO_DEVICE } },
  ),
  action(`${SECURITY} declineAuthenticator`, "totp.start", { id: "<waiting id>" }),
  action(`${SECURITY} makeRecoveryCodes`, "recovery_codes.regenerate", {}),
  action(`${SECURITY} signOutOne`, "sessions.revoke", { id: "<other session>" }),
  action(`${SECURITY} signOutOthers`, "sessions.revoke", {}),
  action(`${SECURITY} revokeTrusted`, "trusted_browsers.revoke", { id: "<trusted>" }),
  action(`${SECURITY} revokeAllTrusted`, "trusted_browsers.revoke", {}),
  action("settings/security/api-tokens/actions.ts makeToken", "api_tokens.create", {
    name: "Script",
    days: "7",
    "2fa:read": "1",
  }),
  action("settings/security/api-tokens/actions.ts revokeToken", "api_tokens.revoke", { id: "<token id>" }),
  action(`settings/security/authenticators/[id]/remove/actions.ts removeAuthenticator`, "totp.remove", {
    id: "<TOTP id>",
    code: "<code>",
  }),
  action(
    "settings/security/authenticators/[id]/test/actions.ts testAuthenticator",
    "code.verify",
    {
      id: "<TOTP id>",
      code: "<code>",
    },
    { only: NOT_OWING },
  ),
  action(`${WIZARD} confirmSetup`, "totp.confirm", { code: "<pending code>" }),
  action(`${WIZARD} confirmSetup`, "totp.confirm", { code: "<waiting code>", device: "<waiting id>" }),
  action(
    `${WIZARD} cancelSetup`,
    "totp.start",
    {},
    {
      except: all(
        ["STALE", "ADM_STALE"],
        except("allowed", "giving up what this session began opens nothing"),
      ),
    },
  ),
  action(
    "settings/security/recovery-codes/actions.ts proveSaved",
    "two_factor.read",
    {
      code: "<recovery code>",
    },
    { except: all(OFF, except("invalid_input", "there are no codes to type back")) },
  ),
  action(
    "settings/security/turn-off/actions.ts turnOff",
    "totp.remove",
    { code: "<code>" },
    { except: { ADMIN: LAST_ONE } },
  ),
  action(
    "sign-in/verify/actions.ts verify",
    "code.verify",
    { code: "<code>" },
    { only: SIGNING_IN, except: EXPIRED },
  ),
  action(
    "sign-in/verify/actions.ts verify",
    "recovery_code.use",
    { code: "<recovery code>" },
    { only: SIGNING_IN, except: EXPIRED },
  ),
  action(
    "sign-in/verify/actions.ts verify",
    "email_code.verify",
    { code: "<mailed code>", with: "mail" },
    { only: SIGNING_IN, except: EXPIRED },
  ),
  action(
    "sign-in/verify/actions.ts mailCode",
    "email_code.send",
    {},
    { only: SIGNING_IN, except: EXPIRED, goesTo: /with=mail$/ },
  ),
  action(
    "step-up/actions.ts stepUp",
    "code.verify",
    { code: "<code>" },
    { only: NOT_OWING, except: all(OFF, BY_PASSWORD_ALONE) },
  ),
  action(
    "step-up/actions.ts stepUp",
    "recovery_code.use",
    { code: "<recovery code>" },
    { only: NOT_OWING, except: all(OFF, BY_PASSWORD_ALONE) },
  ),
  action("sign-out-action.ts signOut", "sign_out", {}, { changesNothing: NOBODY }),
  action(
    "set-up/actions.ts setUp",
    "set_up",
    { token: "<set-up token>", email: "<new email>", password: "<password>", name: "" },
    { goesTo: /authenticators\/new$/, carries: EVERYBODY },
  ),
];

const ROUTES: readonly Way[] = [
  route("admin/adoption.csv", "users.list"),
  route("api/audit.csv", "audit.read", { carries: [...BY_COOKIE, ...TOKENS] }),
  route("api/audit.jsonl", "audit.read", { carries: [...BY_COOKIE, ...TOKENS] }),
  route("settings/security/recovery-codes/download", "two_factor.read", {
    except: all(OFF, except("not_found", "there are no codes to download")),
  }),
];

const CODE = { code: "<code>" };
const BY_PASSWORD = { password: "<password>" };
const THOGITS: readonly Way[] = [
  api("thogits POST /api/auth/logout", "sign_out", { changesNothing: NOBODY }),
  api("thogits POST /api/auth/2fa/totp/setup", "totp.start", {
    except: all(["FULL2", "ADMIN"], FIRST_ALONE),
  }),
  api("thogits POST /api/auth/2fa/totp/confirm", "totp.confirm", { sends: { code: "<pending code>" } }),
  api("thogits POST /api/auth/2fa/totp/verify", "code.verify", { sends: CODE, only: SIGNING_IN }),
  api("thogits POST /api/auth/2fa/totp/verify", "recovery_code.use", {
    sends: { code: "<recovery code>" },
    only: SIGNING_IN,
  }),
  api("thogits POST /api/auth/2fa/totp/disable", "totp.remove", {
    sends: CODE,
    except: { ...all(OFF, GIVES_UP), ADMIN: LAST_ONE },
  }),
];

const OMNITRON: readonly Way[] = [
  api("omnitron POST /api/v1/auth/logout", "sign_out", { changesNothing: SIGNING_IN }),
  api("omnitron POST /api/v1/auth/totp/setup", "totp.start", {
    except: all(["FULL2", "ADMIN"], FIRST_ALONE),
  }),
  api("omnitron POST /api/v1/auth/totp/activate", "totp.confirm", {
    sends: { token: "<pending code>" },
    except: all(["FULL2", "ADMIN"], FIRST_ALONE),
  }),
  api("omnitron POST /api/v1/auth/totp/deactivate", "totp.remove", { except: { ADMIN: LAST_ONE } }),
  api("omnitron POST /api/v1/auth/totp/verify", "code.verify", {
    sends: { temp_token: "<temp token>", token: "<code>" },
    only: ["PART"],
    carries: ["PART"],
  }),
  api("omnitron POST /api/v1/auth/totp/verify", "recovery_code.use", {
    sends: { temp_token: "<temp token>", token: "<recovery code>" },
    only: ["PART"],
    carries: ["PART"],
  }),
];

const ATHENA: readonly Way[] = [
  api("athena POST /api/auth/sign-out", "sign_out", { sends: {}, changesNothing: NOBODY }),
  api("athena GET /api/auth/list-sessions", "sessions.list"),
  api("athena POST /api/auth/revoke-session", "sessions.revoke", { sends: { token: "<other session>" } }),
  api("athena POST /api/auth/revoke-sessions", "sessions.revoke", { sends: {} }),
  api("athena POST /api/auth/revoke-other-sessions", "sessions.revoke", { sends: {} }),
  api("athena POST /api/auth/change-password", "password.change", {
    sends: { currentPassword: "<password>", newPassword: "<new password>" },
  }),
  api("athena POST /api/auth/two-factor/enable", "totp.start", {
    sends: BY_PASSWORD,
    except: all(["FULL2", "ADMIN"], FIRST_ALONE),
  }),
  api("athena POST /api/auth/two-factor/get-totp-uri", "totp.start", {
    sends: BY_PASSWORD,
    changesNothing: true,
  }),
  api("athena POST /api/auth/two-factor/verify-totp", "code.verify", {
    sends: CODE,
    only: [...SIGNING_IN, ...ON],
  }),
  api("athena POST /api/auth/two-factor/verify-totp", "totp.confirm", {
    sends: { code: "<pending code>" },
    only: OFF,
  }),
  api("athena POST /api/auth/two-factor/send-otp", "email_code.send", { sends: {} }),
  api("athena POST /api/auth/two-factor/verify-otp", "email_code.verify", {
    sends: { code: "<mailed code>" },
  }),
  api("athena POST /api/auth/two-factor/verify-backup-code", "recovery_code.use", {
    sends: { code: "<recovery code>" },
  }),
  api("athena POST /api/auth/two-factor/generate-backup-codes", "recovery_codes.regenerate", {
    sends: BY_PASSWORD,
  }),
  api("athena POST /api/auth/two-factor/disable", "totp.remove", {
    sends: BY_PASSWORD,
    except: { ADMIN: LAST_ONE },
  }),
];

const A = "/api/v3/authenticators";
const AUTHENTIK: readonly Way[] = [
  api(`authentik GET ${A}/admin/totp`, "users.list"),
  api(`authentik POST ${A}/admin/totp`, "devices.create", { sends: { name: "Key", user: "<other number>" } }),
  api(`authentik GET ${A}/admin/totp/{id}`, "users.list", { at: { id: "<other device number>" } }),
  api(`authentik PUT ${A}/admin/totp/{id}`, "devices.rename", {
    at: { id: "<other device number>" },
    sends: { name: "New" },
  }),
  api(`authentik PATCH ${A}/admin/totp/{id}`, "devices.rename", {
    at: { id: "<other device number>" },
    sends: { name: "New" },
  }),
  api(`authentik DELETE ${A}/admin/totp/{id}`, "devices.remove", { at: { id: "<other device number>" } }),
  api(`authentik GET ${A}/admin/all`, "users.list", { query: "user=<other number>" }),
  api(`authentik GET ${A}/admin/static`, "users.list"),
  api(`authentik GET ${A}/admin/static/{id}`, "users.list", { at: { id: "<own number>" } }),
  api(`authentik GET ${A}/all`, "two_factor.read"),
  api(`authentik GET ${A}/totp`, "two_factor.read"),
  api(`authentik GET ${A}/totp/{id}`, "two_factor.read", { at: { id: "<device number>" } }),
  api(`authentik PUT ${A}/totp/{id}`, "totp.rename", {
    at: { id: "<device number>" },
    sends: { name: "New" },
  }),
  api(`authentik PATCH ${A}/totp/{id}`, "totp.rename", {
    at: { id: "<device number>" },
    sends: { name: "New" },
  }),
  api(`authentik DELETE ${A}/totp/{id}`, "totp.start", { at: { id: "<waiting number>" } }),
  api(`authentik GET ${A}/totp/{id}/used_by`, "two_factor.read", { at: { id: "<device number>" } }),
  api(`authentik GET ${A}/static`, "two_factor.read"),
  api(`authentik GET ${A}/static/{id}`, "two_factor.read", { at: { id: "<own number>" } }),
  api(`authentik GET ${A}/static/{id}/used_by`, "two_factor.read", { at: { id: "<own number>" } }),
];

const NO_ADMINISTRATORS: readonly State[] = ["FULL0", "FULL2", "STALE", "ENROL"];
const V3 = "/resources/v3alpha/users/{id}";
const V2 = "/v2/users/{id}/totp";
const OWN = { id: "<user id>" };
const OTHERS = { id: "<other id>" };
const ZITADEL: readonly Way[] = [
  api(`zitadel GET ${V3}`, "two_factor.read", { at: OWN }),
  api(`zitadel GET ${V3}`, "users.list", { at: OTHERS, except: all([...NO_ADMINISTRATORS, "TOK-"], UNTOLD) }),
  api(`zitadel POST ${V3}/totp`, "totp.start", { at: OWN }),
  api(`zitadel POST ${V3}/totp`, "devices.create", { at: OTHERS, except: all(NO_ADMINISTRATORS, UNTOLD) }),
  api(`zitadel POST ${V3}/totp/{totp_id}/_verify`, "totp.confirm", {
    at: { ...OWN, totp_id: "<waiting id>" },
    sends: { code: "<waiting code>" },
  }),
  api(`zitadel POST ${V3}/totp/{totp_id}/_verify`, "devices.create", {
    at: { ...OTHERS, totp_id: "<other waiting id>" },
    sends: { code: "<other waiting code>" },
    except: { ...all(NO_ADMINISTRATORS, UNTOLD), ADMIN: NEVER_PROVEN },
  }),
  api(`zitadel DELETE ${V3}/totp/{totp_id}`, "totp.start", { at: { ...OWN, totp_id: "<waiting id>" } }),
  api(`zitadel DELETE ${V3}/totp/{totp_id}`, "totp.remove", {
    at: { ...OWN, totp_id: "<TOTP id>" },
    except: all(OFF, GIVES_UP),
  }),
  api(`zitadel DELETE ${V3}/totp/{totp_id}`, "devices.remove", {
    at: { ...OTHERS, totp_id: "<other device id>" },
    except: all(NO_ADMINISTRATORS, UNTOLD),
  }),
  api(`zitadel POST ${V2}`, "totp.start", { at: OWN, sends: {} }),
  api(`zitadel POST ${V2}`, "devices.create", {
    at: OTHERS,
    sends: {},
    except: all(NO_ADMINISTRATORS, UNTOLD),
  }),
  api(`zitadel POST ${V2}/verify`, "totp.confirm", {
    at: OWN,
    sends: { code: "<pending code>" },
    only: BY_COOKIE,
  }),
  api(`zitadel POST ${V2}/verify`, "totp.confirm", {
    at: OWN,
    sends: { code: "<waiting code>" },
    only: TOKENS,
  }),
  api("zitadel PATCH /v2/sessions/{id}", "code.verify", {
    at: { id: "<session id>" },
    sends: { checks: { totp: { code: "<code>" } } },
    only: NOT_OWING,
    carries: BY_COOKIE,
    except: all(OFF, except("not_found", "there is no code to check")),
  }),
  api("zitadel PATCH /v2/sessions/{id}", "code.verify", {
    at: { id: "<session id>" },
    sends: { sessionToken: "<challenge's token>", checks: { totp: { code: "<code>" } } },
    only: ["PART"],
    carries: ["PART"],
  }),
  api(`zitadel POST ${V2}/verify`, "devices.create", {
    at: OTHERS,
    sends: { code: "<other waiting code>" },
    except: { ...all(NO_ADMINISTRATORS, UNTOLD), ADMIN: NEVER_PROVEN },
  }),
  api(`zitadel DELETE ${V2}`, "totp.remove", { at: OWN, except: { ...all(OFF, GIVES_UP), ADMIN: LAST_ONE } }),
  api(`zitadel DELETE ${V2}`, "devices.remove", { at: OTHERS, except: all(NO_ADMINISTRATORS, UNTOLD) }),
];

/** Every way in that a caller's state makes a difference to. */
export const ALL_WAYS: readonly Way[] = [
  ...ADMIN_PAGES,
  ...OWN_PAGES,
  ...ADMIN_ACTIONS,
  ...OWN_ACTIONS,
  ...ROUTES,
  ...THOGITS,
  ...OMNITRON,
  ...ATHENA,
  ...AUTHENTIK,
  ...ZITADEL,
  server("/healthz", "health.read"),
  server("/readyz", "health.read"),
];

const NEW_SESSION =
  "whoever signs in is signed out first: what it takes is typed, and not the caller's state";
const RPC = "the same functions as Zitadel's over REST: protocol.test.ts, lib/server/grpc/server.test.ts";
const HOST = "whoever runs it is no caller: bin/commands.test.ts";

/** Ways in that lead to an operation and are asked by other tests, each for a reason. */
export const ASKED_ELSEWHERE: Readonly<Record<string, string>> = {
  "app/(next-auth)/api/auth/[...nextauth]/route.ts":
    "signing out by next-auth's own rules: e2e/web/sessions.spec.ts",
  "app/(next-auth)/api/auth/session/route.ts": "next-auth's, which changes nothing: session-answer.test.ts",
  "app/(web)/new-password/actions.ts choosePassword": NEW_SESSION,
  "app/(web)/new-password/page.tsx": NEW_SESSION,
  "app/(web)/sign-in/actions.ts signIn": NEW_SESSION,
  "app/(web)/sign-in/page.tsx": NEW_SESSION,
  "athena POST /api/auth/sign-in/email": NEW_SESSION,
  "athena POST /api/auth/sign-up/email": NEW_SESSION,
  "thogits POST /api/auth/login": NEW_SESSION,
  "thogits POST /api/auth/register": NEW_SESSION,
  "zitadel POST /v2/sessions": NEW_SESSION,
  "ZITADELUsers getUser": RPC,
  "ZITADELUsers startTOTPRegistration": RPC,
  "ZITADELUsers verifyTOTPRegistration": RPC,
  "ZITADELUsers removeTOTPAuthenticator": RPC,
  "countersign token create": HOST,
  "countersign token list": HOST,
  "countersign token revoke": HOST,
  "countersign user create": HOST,
  "countersign user list": HOST,
  "countersign user reset-2fa": HOST,
  "countersign user show": HOST,
};

/** Operations that no API has which takes API tokens: there a token is nobody, whatever the matrix would let it do. */
const NOT_BY_TOKEN = [
  "access.end",
  "access.unlock",
  "api_tokens.create",
  "api_tokens.list",
  "api_tokens.revoke",
  "code.verify",
  "email.change",
  "email.confirm",
  "email_code.send",
  "email_code.verify",
  "events.read",
  "password.change",
  "policy.change",
  "policy.read",
  "recovery_code.use",
  "recovery_codes.regenerate",
  "sessions.list",
  "sessions.revoke",
  "sign_out",
  "trusted_browsers.list",
  "trusted_browsers.revoke",
  "two_factor.reset",
  "users.create",
  "users.disable",
] as const satisfies readonly Operation[];

/** Cells that no way in has, by operation, each for a reason. */
export const NO_WAY: Readonly<Partial<Record<Operation, { states: readonly State[]; because: string }>>> = {
  ...Object.fromEntries(
    NOT_BY_TOKEN.map((does) => [does, { states: TOKENS, because: "no API that takes tokens has it" }]),
  ),
  "devices.rename": {
    states: STATES.filter((state) => state !== "ANON" && !TOKENS.includes(state)),
    because: "authentik alone has it, which takes nothing but tokens",
  },
};
