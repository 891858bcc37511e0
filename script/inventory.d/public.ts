import type { Operation } from "../../lib/core/access/operations";

const DOCUMENT = "says what an API is, and nothing of anybody";
const FRAME = "what stands around other pages";
const SIGNING_IN = "the way to a session, for whoever has none: what is typed is the proof";
const LINK = "opened by a link that was mailed, which is the proof";
const HOST = "of the machine that the service runs on, and no account's";

/** Ways in that are in no row of the matrix, and why. One that is not here and names no operation fails the build. */
export const PUBLIC: Readonly<Record<string, string>> = {
  "app/layout.tsx": FRAME,
  "app/(web)/settings/layout.tsx": FRAME,
  "app/not-found.tsx": FRAME,
  "app/(web)/error.tsx": FRAME,
  "app/global-error.tsx": FRAME,
  "app/api/[[...path]]/route.ts": "says that there is no such API",

  "app/(web)/page.tsx": "leads on to another page",
  "app/(web)/admin/page.tsx": "leads on to another page",
  "app/(web)/settings/page.tsx": "leads on to another page",
  "app/(web)/sign-in/recovery-used/page.tsx": "says how a sign-in went that is over, to whoever is signed in",

  "app/(web)/docs/page.tsx": DOCUMENT,
  "app/(web)/docs/[dialect]/page.tsx": DOCUMENT,
  "app/(web)/conformance/page.tsx": DOCUMENT,
  "app/(web)/conformance.json/route.ts": DOCUMENT,
  "app/(web)/api/docs/athena.json/route.ts": DOCUMENT,
  "app/(web)/api/docs/authentik.json/route.ts": DOCUMENT,
  "app/(web)/api/docs/omnitron.json/route.ts": DOCUMENT,
  "app/(web)/api/docs/thogits.json/route.ts": DOCUMENT,
  "app/(web)/api/docs/zitadel.json/route.ts": DOCUMENT,

  "app/(web)/sign-up/page.tsx": SIGNING_IN,
  "app/(web)/sign-up/actions.ts signUp": SIGNING_IN,
  "app/(web)/sign-in/restart/route.ts": SIGNING_IN,
  "app/(web)/forgotten-password/page.tsx": SIGNING_IN,
  "app/(web)/forgotten-password/actions.ts askForLink": SIGNING_IN,
  "omnitron POST /api/v1/auth/login": SIGNING_IN,

  "app/(web)/confirm-email/page.tsx": LINK,
  "app/(web)/confirm-email/actions.ts confirm": LINK,

  "athena GET /api/auth/get-session": "tells who is signed in, to themselves, or that nobody is",
  "thogits GET /api/auth/me": "tells who is signed in, to themselves",

  "countersign serve": HOST,
  "countersign migrate": HOST,
  "countersign doctor": HOST,
  "countersign backup": HOST,
  "countersign restore": HOST,
  "countersign keys new": HOST,
  "countersign keys list": HOST,
  "countersign keys rotate": HOST,
  "countersign keys drop": HOST,
  "app/(web)/api/cron/route.ts":
    "the host's timer, with a secret that the operator sets; it tells nothing of anybody",
  "/metrics": "figures of the whole service, at a port of its own that the operator opens",
};

/** Ways in that lead to an operation without a use case. */
export const NAMED: Readonly<Record<string, readonly Operation[]>> = {
  "/healthz": ["health.read"],
  "/readyz": ["health.read"],
};
