import {
  create,
  type DescMessage,
  type MessageInitShape,
  type MessageShape,
  toJson,
} from "@bufbuild/protobuf";
import type { z } from "zod";
import { type Answer, type Call, operation, WAIT } from "../dialect";
import {
  GetUserRequestSchema,
  GetUserResponseSchema,
  RemoveTOTPAuthenticatorRequestSchema,
  RemoveTOTPAuthenticatorResponseSchema,
  StartTOTPRegistrationRequestSchema,
  StartTOTPRegistrationResponseSchema,
  VerifyTOTPRegistrationRequestSchema,
  VerifyTOTPRegistrationResponseSchema,
} from "./protocol/zitadel/resources/user/v3alpha/user_service_pb";
import { answerOf } from "./refusals";
import * as requests from "./requests";
import * as responses from "./responses";
import {
  getUser,
  InvalidField,
  removeTotpAuthenticator,
  startTotpRegistration,
  verifyTotpRegistration,
} from "./service";
import { ACCESS, type Asked } from "./users";

// The service over REST: the address, the query and the body make a request's message.

const USER = "/resources/v3alpha/users/{id}";

/** What every operation on a user may answer. */
export const ABOUT_A_USER = {
  401: { means: "No header, or no valid token" },
  403: { means: "The token may not do this, or who it belongs to was proven too long ago" },
  404: { means: "No such user or TOTP, or none that the caller may know of" },
};

/** Of Zitadel's instances and organisations there is one of each here, whatever they are called. */
const SCOPE = {
  "instance.id": "Accepted, and makes no difference",
  "instance.domain": "Accepted, and makes no difference",
};
const ORGANISATION_SCOPE = {
  ...SCOPE,
  "organization.orgId": "Accepted, and makes no difference",
  "organization.orgDomain": "Accepted, and makes no difference",
};

/** Answers with the message of an RPC as JSON. */
function answered<I extends DescMessage, O extends DescMessage>(
  rpc: { asks: I; answers: O; by: (asked: Asked, request: MessageShape<I>) => Promise<MessageShape<O>> },
  { ctx, acting }: Asked,
  request: MessageInitShape<I>,
): Promise<Answer> {
  return lengthsChecked(async () => {
    const message = await rpc.by({ ctx, acting }, create(rpc.asks, request));
    return { status: 200, body: toJson(rpc.answers, message) };
  });
}

/** Lets an answer through; a field that is too short or too long is answered as such. */
export async function lengthsChecked(work: () => Promise<Answer>): Promise<Answer> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof InvalidField) return answerOf({ code: 3, message: error.message });
    throw error;
  }
}

const idsOf = ({ params: { id = "", totp_id: totpId = "" } }: Pick<Call, "params">) => ({ id, totpId });

const read = operation({
  method: "GET",
  path: USER,
  summary: "A user's TOTP authenticators",
  query: SCOPE,
  needs: "acting",
  accessWithin: ACCESS.read,
  body: null,
  answers: {
    200: { means: "The user; those that wait for their first code are not verified", body: responses.user },
    400: { means: "The id is too long" },
    ...ABOUT_A_USER,
  },
  run: (call) =>
    answered({ asks: GetUserRequestSchema, answers: GetUserResponseSchema, by: getUser }, call, {
      id: idsOf(call).id,
    }),
});

const start = operation({
  method: "POST",
  path: `${USER}/totp`,
  summary: "Start the registration of a TOTP",
  query: ORGANISATION_SCOPE,
  needs: "acting",
  accessWithin: ACCESS.start,
  body: requests.nothing as z.ZodType<unknown>,
  answers: {
    200: { means: "The secret, and the URI for an app: shown this once", body: responses.started },
    400: { means: "The id is too long, or the user has too many" },
    ...ABOUT_A_USER,
    ...WAIT,
  },
  run: (call) => {
    const asks = StartTOTPRegistrationRequestSchema;
    const answers = StartTOTPRegistrationResponseSchema;
    return answered({ asks, answers, by: startTotpRegistration }, call, { id: idsOf(call).id });
  },
});

const verify = operation({
  method: "POST",
  path: `${USER}/totp/{totp_id}/_verify`,
  summary: "Verify the registration with its first code",
  query: ORGANISATION_SCOPE,
  needs: "acting",
  accessWithin: ACCESS.verify,
  body: requests.code,
  answers: {
    200: { means: "Verified: it counts from now on", body: responses.changed },
    400: { means: "A wrong code, one of a length that none has, or the TOTP is verified already" },
    ...ABOUT_A_USER,
    ...WAIT,
  },
  run: (call) => {
    const asks = VerifyTOTPRegistrationRequestSchema;
    const answers = VerifyTOTPRegistrationResponseSchema;
    const code = typeof call.body === "string" ? call.body : call.body.code;
    return answered({ asks, answers, by: verifyTotpRegistration }, call, { ...idsOf(call), code });
  },
});

const remove = operation({
  method: "DELETE",
  path: `${USER}/totp/{totp_id}`,
  summary: "Remove a TOTP, or give its registration up",
  query: ORGANISATION_SCOPE,
  needs: "acting",
  accessWithin: ACCESS.remove,
  body: null,
  answers: {
    200: { means: "Gone", body: responses.changed },
    400: { means: "An id is too long" },
    ...ABOUT_A_USER,
  },
  run: (call) => {
    const asks = RemoveTOTPAuthenticatorRequestSchema;
    const answers = RemoveTOTPAuthenticatorResponseSchema;
    return answered({ asks, answers, by: removeTotpAuthenticator }, call, idsOf(call));
  },
});

/** Version 3 (alpha) over REST. */
export const version3 = [read, start, verify, remove];
