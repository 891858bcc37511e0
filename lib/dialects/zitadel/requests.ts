import { z } from "zod";
import { anything, text } from "../body";

/** Nothing is asked for: no body, an empty text, or an object. */
export const nothing = z.union([z.literal(""), anything]);
/** A bare JSON string; clients of other versions send an object. */
export const code = z.union([text(), z.object({ code: text() })]);
export const codeOfVersion2 = z.object({ code: text() });

const password = z.object({ password: text() });
const totp = z.object({ code: text() });
export const newSession = z.object({
  checks: z.object({
    user: z.object({ loginName: text() }),
    password,
    totp: totp.optional(),
  }),
});
/** The token is that of the session, or the answer's to its password; else it is taken from the header. */
export const session = z.object({
  sessionToken: text().optional(),
  checks: z.object({ password: password.optional(), totp: totp.optional() }),
});
