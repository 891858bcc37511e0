import { z } from "zod";

export const key = z.object({ key: z.string() });
export const tempToken = z.strictObject({ temp_token: z.string() });
export const detail = z.object({ detail: z.string() });
export const setup = z.object({
  secret_key: z.string(),
  provisioning_uri: z.string().startsWith("otpauth://totp/"),
});
export const recoveryCodes = z.object({ recovery_codes: z.array(z.string()) });
/** Whatever went wrong: of a field, of none, or of the request. */
export const failure = z
  .object({ detail: z.string(), non_field_errors: z.array(z.string()), code: z.string() })
  .partial()
  .catchall(z.array(z.string()));
