import { z } from "zod";

const moment = z.iso.datetime();
const details = z.object({
  id: z.string(),
  created: moment,
  changed: moment,
  owner: z.object({ type: z.literal("OWNER_TYPE_ORG"), id: z.string() }),
});
const uri = z.string().startsWith("otpauth://totp/");

export const changed = z.object({ details });
export const started = z.object({ details, totpId: z.string(), uri, secret: z.string() });
/** Values of zero are left out: a registration that waits has no `isVerified`. */
export const user = z.object({
  user: z.object({
    details,
    authenticators: z.object({
      totps: z
        .array(z.object({ totpId: z.string(), name: z.string(), isVerified: z.literal(true).optional() }))
        .optional(),
    }),
  }),
});

const detailsOfVersion2 = z.object({
  sequence: z.string().regex(/^\d+$/),
  changeDate: moment,
  resourceOwner: z.string(),
});
export const changedOfVersion2 = z.object({ details: detailsOfVersion2 });
export const startedOfVersion2 = z.object({ details: detailsOfVersion2, uri, secret: z.string() });
export const session = z.object({
  details: detailsOfVersion2,
  sessionId: z.string(),
  sessionToken: z.string(),
});

/** google.rpc.Status. */
export const failure = z.object({
  code: z.int().min(1).max(16),
  message: z.string(),
  details: z
    .array(
      z.object({
        "@type": z.literal("type.googleapis.com/zitadel.v1.ErrorDetail"),
        id: z.string(),
        message: z.string(),
      }),
    )
    .optional(),
});
