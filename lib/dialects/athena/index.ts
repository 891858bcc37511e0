import { defineDialect } from "../dialect";
import { accountOperations } from "./account";
import { COOKIES, checkOrigin, findCaller } from "./caller";
import { problem, refusal } from "./refusals";
import * as responses from "./responses";
import { twoFactorOperations } from "./two-factor";

/** Athena, which is better-auth's API: cookies or bearer tokens, `{message, code}` for every no. */
export const athena = defineDialect({
  name: "athena",
  title: "Athena",
  original: "better-auth 1.7.24 with its plug-ins twoFactor and bearer; the tests use its client 1.7.7",
  operations: [...accountOperations, ...twoFactorOperations],
  prefixes: ["/api/auth/sign-in/", "/api/auth/sign-up/", "/api/auth/two-factor/"],
  proof: [
    {
      name: "session",
      scheme: {
        type: "apiKey",
        in: "cookie",
        name: COOKIES.session,
        description: `Over HTTPS its name begins with ${COOKIES.prefix}`,
      },
      gives: ["session"],
    },
    {
      name: "twoFactor",
      scheme: {
        type: "apiKey",
        in: "cookie",
        name: COOKIES.challenge,
        description: `Over HTTPS its name begins with ${COOKIES.prefix}`,
      },
      gives: ["challenge"],
    },
    {
      name: "bearer",
      scheme: {
        type: "http",
        scheme: "bearer",
        description: "The token of a session, or the twoFactorToken while the second factor is owed",
      },
      gives: ["session", "challenge"],
    },
  ],
  curlNote:
    "TOKEN is the token that signing up, signing in or verifying answered, or the twoFactorToken while the code is owed: export TOKEN=... Whatever has a header set-auth-token has a newer one. Browsers have cookies instead, and must send their Origin with them.",
  curl: ({ needs }) => (needs === "nothing" ? [] : ['-H "Authorization: Bearer $TOKEN"']),
  failure: responses.failure,
  findCaller,
  refusal,
  problem,
  readsBodyFirst: true,
  checkOrigin,
});
