import {
  Code,
  ConnectError,
  type ConnectRouter,
  createContextKey,
  type HandlerContext,
} from "@connectrpc/connect";
import { notingRefusals } from "@/lib/core/access/note-refusal";
import { Refused, refuse } from "@/lib/core/refusals";
import { isUnavailable } from "@/lib/http/availability";
import { requestContext } from "@/lib/http/context";
import { log } from "@/lib/log";
import type { AddressParts } from "../addresses";
import type { ContextOf } from "../dialect";
import { findAsker } from "./caller";
import { ErrorDetailSchema } from "./protocol/zitadel/message_pb";
import { ZITADELUsers } from "./protocol/zitadel/resources/user/v3alpha/user_service_pb";
import { CRASHED, NO_HEADER, type Status, sentenceOf, statusOf, trailersOf } from "./refusals";
import {
  getUser,
  InvalidField,
  removeTotpAuthenticator,
  startTotpRegistration,
  verifyTotpRegistration,
} from "./service";
import type { Asked } from "./users";

// The service over gRPC-Web and gRPC: it is found by its descriptor, and refusals become errors with Zitadel's details.

/** What makes the core's Context of one call, where it is another than that of its router. */
export const CONTEXT_OF = createContextKey<ContextOf | null>(null);
/** The ids in the address of a call that did not come at the RPC's own: they stand for those that its message leaves out. */
export const ADDRESS_PARTS = createContextKey<AddressParts>({});

export { ZITADELUsers };

/** Adds the service to a router. */
export function addZitadelUsers(router: ConnectRouter, contextOf: ContextOf = requestContext): void {
  router.service(ZITADELUsers, {
    getUser: rpc(contextOf, getUser),
    startTOTPRegistration: rpc(contextOf, startTotpRegistration),
    verifyTOTPRegistration: rpc(contextOf, verifyTotpRegistration),
    removeTOTPAuthenticator: rpc(contextOf, removeTotpAuthenticator),
  });
}

function rpc<I extends { id: string; totpId?: string }, O>(
  contextOf: ContextOf,
  answer: (asked: Asked, request: I) => Promise<O>,
): (request: I, context: HandlerContext) => Promise<O> {
  return async (request, { requestHeader, values }) => {
    try {
      const asker = await findAsker(requestHeader, values.get(CONTEXT_OF) ?? contextOf);
      if (asker === null) throw errorOf(NO_HEADER);
      const { ctx, acting } = asker;
      if (acting === null) return refuse({ code: "unauthenticated" });
      const { id = "", totp_id: totpId = "" } = values.get(ADDRESS_PARTS);
      const named = { ...request, id: request.id || id };
      if ("totpId" in request) Object.assign(named, { totpId: request.totpId || totpId });
      return await notingRefusals(ctx, acting, answer({ ctx, acting }, named));
    } catch (error) {
      throw connectErrorOf(error);
    }
  };
}

/** Whatever was thrown, as a client is told of it. */
export function connectErrorOf(error: unknown): ConnectError {
  if (error instanceof ConnectError) return error;
  if (error instanceof InvalidField) return errorOf({ code: Code.InvalidArgument, message: error.message });
  if (error instanceof Refused) return errorOf(statusOf(error.refusal), trailersOf(error.refusal));
  if (isUnavailable(error)) return errorOf(statusOf({ code: "unavailable" }));
  log.event("request failed", { error });
  return errorOf(CRASHED);
}

/** An error as gRPC and gRPC-Web have it. */
export function errorOf(status: Status, trailers: Record<string, string> = {}): ConnectError {
  const { code, id, message } = status;
  const details = id === undefined ? [] : [{ desc: ErrorDetailSchema, value: { id, message } }];
  // Our codes are gRPC's numbers, as Connect's are.
  return new ConnectError(sentenceOf(status), code as Code, trailers, details);
}
