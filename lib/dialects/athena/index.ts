import { defineDialect } from "../dialect";
import { accountOperations } from "./account";
import { checkOrigin, findCaller } from "./caller";
import { problem, refusal } from "./refusals";
import { twoFactorOperations } from "./two-factor";

/** Athena, which is better-auth's API: cookies or bearer tokens, `{message, code}` for every no. */
export const athena = defineDialect({
  name: "athena",
  title: "Athena",
  operations: [...accountOperations, ...twoFactorOperations],
  prefixes: ["/api/auth/sign-in/", "/api/auth/sign-up/", "/api/auth/two-factor/"],
  findCaller,
  refusal,
  problem,
  readsBodyFirst: true,
  checkOrigin,
});
