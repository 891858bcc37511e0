import { z } from "zod";
import type { TotpOfUser } from "@/lib/core/factors/totp-of-users";

const user = z.object({
  pk: z.int(),
  username: z.string(),
  name: z.string(),
  is_active: z.boolean(),
  email: z.string(),
  attributes: z.object({}),
  uid: z.string(),
});
export const totpDevice = z.object({ name: z.string(), pk: z.int(), user });
export const staticDevice = z.object({
  name: z.string(),
  // The codes are hashes here, and their owner's alone anywhere.
  token_set: z.array(z.object({ token: z.string() })).length(0),
  pk: z.int(),
  user,
});
export const device = z.object({
  verbose_name: z.string(),
  verbose_name_plural: z.string(),
  meta_model_name: z.string(),
  pk: z.string(),
  name: z.string(),
  type: z.string(),
  confirmed: z.boolean(),
  created: z.iso.datetime(),
  last_updated: z.iso.datetime(),
  last_used: z.iso.datetime().nullable(),
  extra_description: z.string().nullable(),
  external_id: z.string().nullable(),
});
export const devices = z.array(device);
export const usedBy = z.array(
  z.object({ app: z.string(), model_name: z.string(), pk: z.string(), name: z.string() }),
);
const pagination = z.object({
  next: z.int(),
  previous: z.int(),
  count: z.int(),
  current: z.int(),
  total_pages: z.int(),
  start_index: z.int(),
  end_index: z.int(),
});
const pageOf = <T extends z.ZodType>(result: T) =>
  z.object({ pagination, results: z.array(result), autocomplete: z.object({}) });
export const totpDevices = pageOf(totpDevice);
export const staticDevices = pageOf(staticDevice);
/** Whatever went wrong: of a field, of none, or of the request. */
export const failure = z
  .object({ detail: z.string(), non_field_errors: z.array(z.string()) })
  .partial()
  .catchall(z.array(z.string()));

type Owner = Pick<TotpOfUser["user"], "id" | "number" | "email" | "name" | "disabledAt">;

function partialUser({ id, number, email, name, disabledAt }: Owner): z.infer<typeof user> {
  return {
    pk: number,
    username: email,
    name: name ?? "",
    is_active: disabledAt === null,
    email,
    attributes: {},
    uid: id,
  };
}

/** An authenticator app. */
export function totpBody(row: { name: string; number: number }, owner: Owner): z.infer<typeof totpDevice> {
  return { name: row.name, pk: row.number, user: partialUser(owner) };
}

/** A set of recovery codes: an account has one at most, so it goes by its owner's number. */
export function staticBody(owner: Owner): z.infer<typeof staticDevice> {
  return { name: RECOVERY_CODES, token_set: [], pk: owner.number, user: partialUser(owner) };
}

export const RECOVERY_CODES = "Recovery codes";

type Times = { createdAt: Date; confirmedAt?: Date | null; renamedAt?: Date | null; lastUsedAt: Date | null };

/** Any device, an authenticator app. */
export function totpAsDevice(
  row: Required<Times> & { name: string; number: number },
): z.infer<typeof device> {
  return {
    verbose_name: "TOTP Device",
    verbose_name_plural: "TOTP Devices",
    meta_model_name: "authentik_stages_authenticator_totp.totpdevice",
    pk: String(row.number),
    name: row.name,
    type: "authentik_stages_authenticator_totp.TOTPDevice",
    confirmed: row.confirmedAt !== null,
    ...timesOf(row),
  };
}

/** Any device, a set of recovery codes. */
export function staticAsDevice(set: Times, owner: Pick<Owner, "number">): z.infer<typeof device> {
  return {
    verbose_name: "Static Device",
    verbose_name_plural: "Static Devices",
    meta_model_name: "authentik_stages_authenticator_static.staticdevice",
    pk: String(owner.number),
    name: RECOVERY_CODES,
    type: "authentik_stages_authenticator_static.StaticDevice",
    confirmed: true,
    ...timesOf(set),
  };
}

function timesOf({ createdAt, confirmedAt, renamedAt, lastUsedAt }: Times) {
  const changes = [createdAt, confirmedAt, renamedAt, lastUsedAt].map((at) => at?.getTime() ?? 0);
  return {
    created: createdAt.toISOString(),
    last_updated: new Date(Math.max(...changes)).toISOString(),
    last_used: lastUsedAt?.toISOString() ?? null,
    extra_description: "",
    external_id: null,
  };
}
