import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { madeAt } from "@/lib/core/ids";
import { detailsOf } from "./details";
import {
  type GetUserRequest,
  GetUserResponseSchema,
  type RemoveTOTPAuthenticatorRequest,
  RemoveTOTPAuthenticatorResponseSchema,
  type StartTOTPRegistrationRequest,
  StartTOTPRegistrationResponseSchema,
  type VerifyTOTPRegistrationRequest,
  VerifyTOTPRegistrationResponseSchema,
} from "./protocol/zitadel/resources/user/v3alpha/user_service_pb";
import { type Asked, readUser, removeAuthenticator, startRegistration, verifyRegistration } from "./users";

// The service zitadel.resources.user.v3alpha.ZITADELUsers: each function answers a request's message for whoever asks, and the
// transports (REST, gRPC-Web, gRPC) only carry both.

/** Thrown for a field of a message whose length is not allowed. */
export class InvalidField extends Error {
  override readonly name = "InvalidField";
}

/** Lengths in code points, as Zitadel's published rules have them. */
function requireLength(name: string, value: string, min: number, max: number): void {
  const length = [...value].length;
  if (length < min || length > max)
    throw new InvalidField(`invalid ${name}, its length must be between ${min} and ${max}`);
}

/** Throws InvalidField for an id that is too short or too long. */
export const requireId = (name: "Id" | "TotpId", value: string) => requireLength(name, value, 1, 200);

/** Throws InvalidField for a code that is too short or too long. */
export const requireCode = (value: string) => requireLength("Code", value, 6, 9);

/** GetUser. */
export async function getUser(asked: Asked, { id }: GetUserRequest) {
  requireId("Id", id);
  const user = await readUser(asked, id);
  const totps = user.totps.map(({ id: totpId, name, isConfirmed }) => ({
    totpId,
    name,
    isVerified: isConfirmed,
  }));
  const details = detailsOf(id, user.createdAt, user.changedAt);
  return create(GetUserResponseSchema, { user: { details, authenticators: { totps } } });
}

/** StartTOTPRegistration. */
export async function startTotpRegistration(asked: Asked, { id }: StartTOTPRegistrationRequest) {
  requireId("Id", id);
  const { totpId, uri, secret } = await startRegistration(asked, id);
  return create(StartTOTPRegistrationResponseSchema, {
    ...changed(asked, totpId),
    totpId,
    uri,
    secret,
  });
}

/** VerifyTOTPRegistration. */
export async function verifyTotpRegistration(
  asked: Asked,
  { id, totpId, code }: VerifyTOTPRegistrationRequest,
) {
  requireId("Id", id);
  requireId("TotpId", totpId);
  requireCode(code);
  await verifyRegistration(asked, { userId: id, totpId, code });
  return create(VerifyTOTPRegistrationResponseSchema, changed(asked, totpId));
}

/** RemoveTOTPAuthenticator. */
export async function removeTotpAuthenticator(asked: Asked, { id, totpId }: RemoveTOTPAuthenticatorRequest) {
  requireId("Id", id);
  requireId("TotpId", totpId);
  await removeAuthenticator(asked, { userId: id, totpId });
  return create(RemoveTOTPAuthenticatorResponseSchema, changed(asked, totpId));
}

function changed(
  { ctx }: Asked,
  id: string,
): Pick<MessageInitShape<typeof VerifyTOTPRegistrationResponseSchema>, "details"> {
  return { details: detailsOf(id, madeAt(id) ?? ctx.now, ctx.now) };
}
