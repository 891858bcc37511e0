import { z } from "zod";
import type { SignedIn } from "@/lib/core/sessions";

const moment = z.iso.datetime();
export const user = z.object({
  id: z.string(),
  name: z.string(),
  email: z.string(),
  emailVerified: z.boolean(),
  image: z.null(),
  createdAt: moment,
  updatedAt: moment,
  twoFactorEnabled: z.boolean(),
});
export const session = z.object({
  id: z.string(),
  token: z.string(),
  userId: z.string(),
  expiresAt: moment,
  createdAt: moment,
  updatedAt: moment,
  ipAddress: z.string(),
  userAgent: z.string(),
});
export const signedUp = z.object({ token: z.string(), user });
export const signedIn = z.object({ redirect: z.literal(false), token: z.string(), user });
export const pending = z.object({
  twoFactorRedirect: z.literal(true),
  twoFactorMethods: z.array(z.enum(["totp", "otp"])),
  twoFactorToken: z.string(),
});
export const success = z.object({ success: z.literal(true) });
export const status = z.object({ status: z.literal(true) });
export const currentSession = z.object({ session, user }).nullable();
export const sessions = z.array(session);
export const passwordChanged = z.object({ token: z.string(), user });
export const enabled = z.object({
  method: z.enum(["totp", "otp"]),
  totpURI: z.string().optional(),
  backupCodes: z.array(z.string()).optional(),
});
export const totpUri = z.object({ totpURI: z.string() });
export const verified = z.object({ status: z.literal(true), token: z.string(), user, session });
export const verifiedAlone = z.object({ user });
export const backupCodes = z.object({ status: z.literal(true), backupCodes: z.array(z.string()) });
export const failure = z.object({ message: z.string(), code: z.string().optional() });

/** The account as better-auth's user. */
export function userOf({ user: own, twoFactor }: SignedIn): z.infer<typeof user> {
  return {
    id: own.id,
    name: own.name ?? "",
    email: own.email,
    emailVerified: own.isEmailConfirmed,
    image: null,
    createdAt: own.createdAt.toISOString(),
    updatedAt: (own.factorsChangedAt ?? own.createdAt).toISOString(),
    twoFactorEnabled: twoFactor.isOn,
  };
}

type Listed = Pick<
  SignedIn["session"],
  "id" | "createdAt" | "lastSeenAt" | "expiresAt" | "address" | "userAgent"
>;

/** @param token its token, for whoever brought it; of other sessions a name to revoke them by, which opens nothing */
export function sessionOf(own: Listed, userId: string, token: string): z.infer<typeof session> {
  return {
    id: own.id,
    token,
    userId,
    expiresAt: own.expiresAt.toISOString(),
    createdAt: own.createdAt.toISOString(),
    updatedAt: own.lastSeenAt.toISOString(),
    ipAddress: own.address,
    userAgent: own.userAgent,
  };
}
