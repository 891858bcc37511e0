import { ANY_NUMBER, type Answered, type Case, type Cases, type Json, type Troubles } from "../cases";

const ofRequest = (status: number, detail: string): Answered => ({ status, answers: { detail } });
const ofField = (field: string, message: string): Answered => ({
  status: 400,
  answers: { [field]: [message] },
});
const NOT_PROVIDED = ofRequest(403, "Authentication credentials were not provided.");
const NOT_LIVE = ofRequest(403, "Token invalid/expired");
const NOT_PERMITTED = ofRequest(403, "You do not have permission to perform this action.");
const NO_TOTP = ofRequest(404, "No TOTPDevice matches the given query.");
const NO_STATIC = ofRequest(404, "No StaticDevice matches the given query.");
const NO_PAGE = ofRequest(404, "Invalid page.");

const SELF: Json = {
  pk: "<own number>",
  username: "<email>",
  name: "",
  is_active: true,
  email: "<email>",
  attributes: {},
  uid: "<own id>",
};
const OTHER: Json = {
  pk: "<other number>",
  username: "<other email>",
  name: "",
  is_active: true,
  email: "<other email>",
  attributes: {},
  uid: "<other id>",
};
const WAITING: Json = { name: "Waiting", pk: "<waiting number>", user: SELF };
const LIVE: Json = { name: "Authenticator app", pk: "<device number>", user: SELF };
const OTHERS: Json = { name: "Authenticator app", pk: "<other device number>", user: OTHER };
const SET: Json = { name: "Recovery codes", token_set: [], pk: "<own number>", user: SELF };

const page = (results: readonly Json[], change: { [name: string]: Json } = {}): Json => ({
  pagination: {
    next: 0,
    previous: 0,
    count: results.length,
    current: 1,
    total_pages: 1,
    start_index: results.length === 0 ? 0 : 1,
    end_index: results.length,
    ...change,
  },
  results,
  autocomplete: {},
});

const TOTP_AS_DEVICE = {
  verbose_name: "TOTP Device",
  verbose_name_plural: "TOTP Devices",
  meta_model_name: "authentik_stages_authenticator_totp.totpdevice",
  name: "Authenticator app",
  type: "authentik_stages_authenticator_totp.TOTPDevice",
  confirmed: true,
  created: "<moment>",
  last_updated: "<moment>",
  last_used: "<moment>",
  extra_description: "",
  external_id: null,
};
const SET_AS_DEVICE = {
  verbose_name: "Static Device",
  verbose_name_plural: "Static Devices",
  meta_model_name: "authentik_stages_authenticator_static.staticdevice",
  name: "Recovery codes",
  type: "authentik_stages_authenticator_static.StaticDevice",
  confirmed: true,
  created: "<moment>",
  last_updated: "<moment>",
  last_used: null,
  extra_description: "",
  external_id: null,
};

const API = "/api/v3/authenticators";
const waiting = { id: "<waiting number>" };
const live = { id: "<device number>" };
const others = { id: "<other device number>" };
const nothing = { id: "2147483647" };
const own = { id: "<own number>" };
const other = { id: "<other number>" };
const name = { name: "Phone" };
const named = (device: { [name: string]: Json }): Json => ({ ...device, ...name });

/** What may not be asked for, and by whom: the same for all that administrators do. */
const guarded = (asked: Pick<Case, "at" | "query" | "sends">): Case[] => [
  { ...asked, who: "nobody", ...NOT_PROVIDED },
  { ...asked, who: "lapsed token", ...NOT_LIVE },
  { ...asked, who: "token", ...NOT_PERMITTED },
];
/** As above, for what is one's own. */
const ownGuarded = (asked: Pick<Case, "at" | "query" | "sends">): Case[] => [
  { ...asked, who: "nobody", ...NOT_PROVIDED },
  { ...asked, who: "token without scope", ...NOT_PERMITTED },
];
const badNames = (who: "administrator's token" | "token", at?: { id: string }): Case[] => {
  const asked = { who, ...(at ? { at } : {}) };
  return [
    { ...asked, sends: { name: "   " }, ...ofField("name", "This field may not be blank.") },
    { ...asked, sends: { name: null }, ...ofField("name", "This field may not be null.") },
    { ...asked, sends: { name: ["x"] }, ...ofField("name", "Not a valid string.") },
    {
      ...asked,
      sends: { name: "x".repeat(65) },
      ...ofField("name", "Ensure this field has no more than 64 characters."),
    },
  ];
};
const REQUIRED = ofField("name", "This field is required.");

/** What authentik answers. */
export const cases: Cases = {
  [`POST ${API}/admin/totp/`]: [
    {
      who: "administrator's token",
      sends: { ...name, user: "<other number>" },
      status: 201,
      answers: { ...name, pk: ANY_NUMBER, user: OTHER },
      differs: {
        original: "Whose device it is cannot be said.",
        reason: "Operators make devices for others: `user` is an extension, and may be left out.",
      },
    },
    {
      who: "administrator's token",
      sends: { name: " Phone ", more: true },
      status: 201,
      answers: { ...name, pk: ANY_NUMBER, user: SELF },
      differs: {
        original: "A device that is made here is a factor at once, with a secret that nobody has seen.",
        reason: "It waits for its owner, who sees its key on the pages and proves it with a first code.",
      },
    },
    {
      who: "administrator's token",
      sends: { ...name, user: 2147483647 },
      ...ofField("user", 'Invalid pk "2147483647" - object does not exist.'),
    },
    {
      who: "administrator's token",
      sends: { ...name, user: -9999999999 },
      ...ofField("user", 'Invalid pk "-9999999999" - object does not exist.'),
    },
    {
      who: "administrator's token",
      sends: { ...name, user: "somebody" },
      ...ofField("user", "Incorrect type. Expected pk value, received str."),
    },
    { who: "administrator's token", sends: {}, ...REQUIRED },
    {
      who: "administrator's token",
      outOfTries: "account",
      sends: name,
      ...ofRequest(429, "Request was throttled. Expected available in 3600 seconds."),
    },
    ...badNames("administrator's token"),
    ...guarded({ sends: name }),
  ],
  [`GET ${API}/admin/totp/`]: [
    {
      who: "administrator's token",
      query: "search=<email>&ordering=pk",
      status: 200,
      answers: page([LIVE, WAITING]),
    },
    {
      who: "administrator's token",
      query: "search=<email>&ordering=-pk&page_size=1",
      status: 200,
      answers: page([WAITING], { count: 2, next: 2, total_pages: 2 }),
    },
    {
      who: "administrator's token",
      query: "search=<email>&ordering=name&page_size=1&page=2",
      status: 200,
      answers: page([WAITING], {
        count: 2,
        previous: 1,
        current: 2,
        total_pages: 2,
        start_index: 2,
        end_index: 2,
      }),
    },
    {
      who: "administrator's token",
      query: "search=<email>&name=Waiting",
      status: 200,
      answers: page([WAITING]),
    },
    {
      who: "administrator's token",
      query: `search=<email>&ordering=__proto__,constructor,${"user,".repeat(500)}-pk`,
      status: 200,
      answers: page([WAITING, LIVE]),
    },
    { who: "administrator's token", query: "name=nobody's", status: 200, answers: page([]) },
    { who: "administrator's token", query: "search=<email>&page=2", ...NO_PAGE },
    { who: "administrator's token", query: "page=last", ...NO_PAGE },
    ...guarded({}),
  ],
  [`GET ${API}/admin/totp/{id}/`]: [
    { who: "administrator's token", at: waiting, status: 200, answers: WAITING },
    { who: "administrator's token", at: others, status: 200, answers: OTHERS },
    { who: "administrator's token", at: nothing, ...NO_TOTP },
    { who: "administrator's token", at: { id: "first" }, ...NO_TOTP },
    ...guarded({ at: live }),
  ],
  [`PUT ${API}/admin/totp/{id}/`]: [
    { who: "administrator's token", at: waiting, sends: name, status: 200, answers: named(WAITING) },
    { who: "administrator's token", at: others, sends: name, status: 200, answers: named(OTHERS) },
    { who: "administrator's token", at: nothing, sends: name, ...NO_TOTP },
    { who: "administrator's token", at: nothing, sends: {}, ...NO_TOTP },
    { who: "administrator's token", at: waiting, sends: {}, ...REQUIRED },
    ...badNames("administrator's token", waiting),
    ...guarded({ at: live, sends: name }),
  ],
  [`PATCH ${API}/admin/totp/{id}/`]: [
    { who: "administrator's token", at: waiting, sends: name, status: 200, answers: named(WAITING) },
    { who: "administrator's token", at: waiting, status: 200, answers: WAITING },
    { who: "administrator's token", at: nothing, sends: name, ...NO_TOTP },
    { who: "administrator's token", at: nothing, sends: {}, ...NO_TOTP },
    ...badNames("administrator's token", waiting),
    ...guarded({ at: live, sends: name }),
  ],
  [`DELETE ${API}/admin/totp/{id}/`]: [
    {
      who: "administrator's token",
      at: waiting,
      status: 204,
      next: { asks: `GET ${API}/admin/totp/{id}/`, ...NO_TOTP },
    },
    { who: "administrator's token", at: others, status: 204 },
    {
      who: "administrator's token",
      at: live,
      ...NOT_PERMITTED,
      differs: {
        original: "Administrators remove any device.",
        reason: "One's own live device goes by one's own settings, for a code.",
      },
    },
    { who: "administrator's token", at: nothing, ...NO_TOTP },
    ...guarded({ at: live }),
  ],
  [`GET ${API}/totp/`]: [
    { who: "token", status: 200, answers: page([LIVE]) },
    { who: "token", query: "name=Waiting", status: 200, answers: page([]) },
    { who: "token", query: "page=2", ...NO_PAGE },
    ...ownGuarded({}),
  ],
  [`POST ${API}/totp/`]: [{ who: "token", sends: name, ...ofRequest(405, 'Method "POST" not allowed.') }],
  [`GET ${API}/totp/{id}/`]: [
    { who: "token", at: live, status: 200, answers: LIVE },
    { who: "token", at: others, ...NO_TOTP },
    { who: "token", at: waiting, ...NO_TOTP },
    ...ownGuarded({ at: live }),
  ],
  [`PUT ${API}/totp/{id}/`]: [
    { who: "token", at: live, sends: name, status: 200, answers: named(LIVE) },
    { who: "token", at: others, sends: name, ...NO_TOTP },
    { who: "token", at: others, sends: { name: 5 }, ...NO_TOTP },
    { who: "token", at: live, sends: {}, ...REQUIRED },
    ...badNames("token", live),
    ...ownGuarded({ at: live, sends: name }),
  ],
  [`PATCH ${API}/totp/{id}/`]: [
    { who: "token", at: live, sends: name, status: 200, answers: named(LIVE) },
    { who: "token", at: live, sends: {}, status: 200, answers: LIVE },
    { who: "token", at: others, sends: name, ...NO_TOTP },
    { who: "token", at: others, sends: { name: 5 }, ...NO_TOTP },
    ...badNames("token", live),
    ...ownGuarded({ at: live, sends: name }),
  ],
  [`DELETE ${API}/totp/{id}/`]: [
    { who: "token", at: waiting, status: 204 },
    {
      who: "token",
      at: live,
      ...NOT_PERMITTED,
      differs: {
        original: "A token is enough to remove one's own device.",
        reason: "That takes a code in the same request, for which there is no room: remove it on the pages.",
      },
    },
    { who: "token", at: others, ...NO_TOTP },
    { who: "token without scope", at: waiting, ...NOT_PERMITTED },
    { who: "nobody", at: nothing, ...NOT_PROVIDED },
  ],
  [`GET ${API}/totp/{id}/used_by/`]: [
    { who: "token", at: live, status: 200, answers: [] },
    { who: "token", at: others, ...NO_TOTP },
    ...ownGuarded({ at: live }),
  ],
  [`GET ${API}/admin/static/`]: [
    {
      who: "administrator's token",
      query: "search=<email>",
      status: 200,
      answers: page([SET]),
      differs: {
        original: "token_set has the codes.",
        reason: "There are only hashes of them: nobody sees a code after the page that made it.",
      },
    },
    { who: "administrator's token", query: "search=<email>&page=2", ...NO_PAGE },
    ...guarded({}),
  ],
  [`POST ${API}/admin/static/`]: [
    {
      who: "administrator's token",
      sends: name,
      ...ofRequest(405, 'Method "POST" not allowed.'),
      differs: {
        original: "Administrators make, rename and remove sets of recovery codes.",
        reason: "A set is its owner's to make, who alone sees it; it goes when two-factor sign-in is reset.",
      },
    },
  ],
  [`GET ${API}/admin/static/{id}/`]: [
    { who: "administrator's token", at: own, status: 200, answers: SET },
    { who: "administrator's token", at: nothing, ...NO_STATIC },
    ...guarded({ at: own }),
  ],
  [`GET ${API}/static/`]: [
    { who: "token", status: 200, answers: page([SET]) },
    { who: "token", query: "name=Waiting", status: 200, answers: page([]) },
    { who: "token", query: "page=2", ...NO_PAGE },
    ...ownGuarded({}),
  ],
  [`GET ${API}/static/{id}/`]: [
    { who: "token", at: own, status: 200, answers: SET },
    { who: "token", at: other, ...NO_STATIC },
    ...ownGuarded({ at: own }),
  ],
  [`GET ${API}/static/{id}/used_by/`]: [
    { who: "token", at: own, status: 200, answers: [] },
    { who: "token", at: other, ...NO_STATIC },
    ...ownGuarded({ at: own }),
  ],
  [`GET ${API}/all/`]: [
    {
      who: "token",
      status: 200,
      answers: [
        { ...TOTP_AS_DEVICE, pk: "<device pk>" },
        { ...SET_AS_DEVICE, pk: "<own pk>" },
      ],
    },
    ...ownGuarded({}),
  ],
  [`GET ${API}/admin/all/`]: [
    {
      who: "administrator's token",
      query: "user=<own number>",
      status: 200,
      answers: [
        { ...TOTP_AS_DEVICE, pk: "<device pk>" },
        { ...TOTP_AS_DEVICE, pk: "<waiting pk>", name: "Waiting", confirmed: false, last_used: null },
        { ...SET_AS_DEVICE, pk: "<own pk>" },
      ],
    },
    { who: "administrator's token", query: "user=2147483", status: 200, answers: [] },
    {
      who: "administrator's token",
      ...ofField("user", "This field is required."),
      differs: {
        original: "Without a user, everybody's devices.",
        reason: "That would be a list without an end.",
      },
    },
    { who: "administrator's token", query: "user=me", ...ofField("user", "Enter a number.") },
    ...guarded({ query: "user=<own number>" }),
  ],
  "GET /api/v3/nowhere/": [{ who: "nobody", ...ofRequest(404, "Not found.") }],
};

/** What authentik answers whatever was asked for. */
export const troubles: Troubles = {
  too_large: ofRequest(413, "Request body is too large."),
  not_json: ofRequest(415, "Unsupported media type in request."),
  malformed: ofRequest(400, "JSON parse error - the body is not JSON"),
  not_an_object: {
    status: 400,
    answers: { non_field_errors: ["Invalid data. Expected a dictionary, but got list."] },
  },
  foreign_origin: null,
  unavailable: ofRequest(503, "Service temporarily unavailable, try again later."),
  crashed: ofRequest(500, "A server error occurred."),
};
