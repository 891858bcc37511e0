import type { Acting } from "@/lib/core/access/guard";
import type { Context } from "@/lib/core/context";
import { declineProvisionedTotp, renameTotpFactor } from "@/lib/core/factors/totp";
import { listOwnTotp, type TotpOfUser } from "@/lib/core/factors/totp-of-users";
import { LIMITS } from "@/lib/core/limits";
import { refuse } from "@/lib/core/refusals";
import type { AddressParts } from "../addresses";
import { type Answer, type Call, operation } from "../dialect";
import { FORBIDDEN, INVALID, NOT_FOUND } from "./answers";
import { numberOf } from "./query";
import * as requests from "./requests";
import * as responses from "./responses";
import { answerPage, bodyOf, LIST, ONE } from "./totp-page";

// One's own live authenticator apps.

const OWN = "/api/v3/authenticators/totp";

const listOwn = operation({
  method: "GET",
  path: OWN,
  summary: "List one's own live authenticator apps",
  needs: "acting",
  access: "two_factor.read",
  body: null,
  query: requests.LIST,
  answers: LIST,
  run: ({ ctx, acting, query }) => answerPage(query, (asked) => listOwnTotp(ctx, acting, asked)),
});

const retrieveOwn = operation({
  method: "GET",
  path: `${OWN}/{id}`,
  summary: "Read one of one's own live authenticator apps",
  needs: "acting",
  access: "two_factor.read",
  body: null,
  answers: ONE,
  run: async ({ ctx, acting, params }) => {
    return { status: 200, body: bodyOf(await ownDevice(ctx, acting, params)) };
  },
});

const changeOwn = {
  path: `${OWN}/{id}`,
  needs: "acting",
  access: "totp.rename",
  // Without a name nothing changes; but what is not there is 404, whatever the body is.
  find: ({ ctx, acting, params }: Call & { acting: Acting }) =>
    renameTotpFactor(ctx, acting, { number: numberOf(params) }, {}),
  answers: { ...ONE, ...INVALID },
} as const;

const updateOwn = operation({
  ...changeOwn,
  method: "PUT",
  summary: "Give one of one's own authenticator apps another name",
  body: requests.device,
  run: ({ ctx, acting, params, body }) => renameOwn(ctx, acting, params, body),
});

const partialUpdateOwn = operation({
  ...changeOwn,
  method: "PATCH",
  summary: "Give one of one's own authenticator apps another name, if one is sent",
  body: requests.changedDevice,
  run: ({ ctx, acting, params, body }) => renameOwn(ctx, acting, params, body),
});

async function renameOwn(
  ctx: Context,
  acting: Acting,
  params: AddressParts,
  typed: { name?: string | undefined },
): Promise<Answer> {
  const row = await renameTotpFactor(ctx, acting, { number: numberOf(params) }, typed);
  return { status: 200, body: responses.totpBody(row, { ...acting.user, disabledAt: null }) };
}

const destroyOwn = operation({
  method: "DELETE",
  path: `${OWN}/{id}`,
  summary: "Give up an authenticator app that was made for oneself and never proven",
  needs: "acting",
  accessWithin: { own: "totp.start" },
  body: null,
  answers: { 204: { means: "Given up" }, ...FORBIDDEN, ...NOT_FOUND },
  run: async ({ ctx, acting, params }) => {
    // A live one takes a code of its owner's, which this API has no room for: the core refuses it.
    await declineProvisionedTotp(ctx, acting, { number: numberOf(params) });
    return { status: 204 };
  },
});

const usedBy = operation({
  method: "GET",
  path: `${OWN}/{id}/used_by`,
  summary: "List what would go with one of one's own authenticator apps: nothing",
  needs: "acting",
  access: "two_factor.read",
  body: null,
  answers: { 200: { means: "An empty list", body: responses.usedBy }, ...FORBIDDEN, ...NOT_FOUND },
  run: async ({ ctx, acting, params }) => {
    await ownDevice(ctx, acting, params);
    return { status: 200, body: [] };
  },
});

async function ownDevice(ctx: Context, acting: Acting, params: AddressParts): Promise<TotpOfUser> {
  const number = numberOf(params);
  const { rows } = await listOwnTotp(ctx, acting, { offset: 0, limit: LIMITS.authenticators.perUser });
  return rows.find((row) => row.number === number) ?? refuse({ code: "not_found" });
}

export const ownTotpOperations = [listOwn, retrieveOwn, updateOwn, partialUpdateOwn, destroyOwn, usedBy];
