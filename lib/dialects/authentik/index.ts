import { defineDialect } from "../dialect";
import { adminTotpOperations } from "./admin-totp";
import { allOperations } from "./all";
import { findCaller } from "./caller";
import { ownTotpOperations } from "./own-totp";
import { problem, refusal } from "./refusals";
import * as responses from "./responses";
import { staticOperations } from "./static";

/** authentik: an API token, Django REST framework's conventions, a slash at the end of addresses. */
export const authentik = defineDialect({
  name: "authentik",
  title: "authentik",
  original: "authentik 2024.8 to 2026.8, the authenticators' part of its API version 3",
  operations: [...adminTotpOperations, ...ownTotpOperations, ...staticOperations, ...allOperations],
  prefixes: ["/api/v3/"],
  slash: true,
  proof: [
    {
      name: "token",
      scheme: { type: "http", scheme: "bearer", description: "An API token" },
      gives: ["session"],
    },
  ],
  curlNote: "TOKEN is an API token, made in the settings or with countersign token create: export TOKEN=...",
  curl: () => ['-H "Authorization: Bearer $TOKEN"'],
  failure: responses.failure,
  findCaller,
  refusal,
  problem,
  // A token in a header is nothing that another site can make a browser send.
  checkOrigin: null,
});
