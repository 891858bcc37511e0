import { z } from "zod";
import { text } from "../body";

/** The published document types these as strings, the clients send booleans. */
const flag = z
  .union([z.boolean(), z.enum(["true", "false"])])
  .transform((value) => value === true || value === "true")
  .optional();

export const nothing = z.object({});
export const signUp = z.object({
  name: text(),
  email: text(),
  password: text(),
  image: text().optional(),
  callbackURL: text().optional(),
  rememberMe: flag,
});
export const signIn = z.object({
  email: text(),
  password: text(),
  rememberMe: flag,
  callbackURL: text().optional(),
});
export const revocation = z.object({ token: text() });
export const passwordChange = z.object({
  currentPassword: text(),
  newPassword: text(),
  revokeOtherSessions: flag,
});
export const password = z.object({ password: text() });
export const enabling = password.extend({
  method: z.enum(["totp", "otp"]).default("totp"),
  issuer: text().optional(),
});
export const code = z.object({ code: text(), trustDevice: flag });
export const backupCode = code.extend({ disableSession: flag });
