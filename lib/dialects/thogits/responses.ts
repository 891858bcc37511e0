import { z } from "zod";
import type { SignedIn } from "@/lib/core/sessions";

/** Thogits publishes it in two forms; this is their union. */
export const userInfo = z.object({
  user_id: z.string().length(26),
  email: z.string(),
  display_name: z.string().nullable(),
  created_at: z.iso.datetime(),
  oauth_providers: z.array(z.string()),
  has_password: z.boolean(),
  has_totp: z.boolean(),
  has_passkey: z.boolean(),
  linked_google: z.boolean(),
  linked_apple: z.boolean(),
});
export const needsTwoFactor = z.strictObject({ needs_2fa: z.literal(true) });
export const setup = z.object({
  secret: z.string(),
  qr_code: z.string().startsWith("data:image/png;base64,"),
});
export const confirmed = z.object({
  message: z.literal("TOTP confirmed"),
  recovery_codes: z.array(z.string()).optional(),
});
export const disabled = z.object({ message: z.literal("TOTP disabled") });
export const failure = z.object({
  error: z.string(),
  message: z.string(),
  path: z.string().optional(),
  suggestion: z.string().optional(),
});

/** The account as UserInfo. */
export function userInfoOf({ user, twoFactor }: SignedIn): z.infer<typeof userInfo> {
  return {
    user_id: user.id,
    email: user.email,
    display_name: user.name,
    created_at: user.createdAt.toISOString(),
    oauth_providers: [],
    has_password: true,
    has_totp: twoFactor.isOn,
    has_passkey: false,
    linked_google: false,
    linked_apple: false,
  };
}
