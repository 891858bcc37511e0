import type { Acting } from "@/lib/core/access/guard";
import type { Context } from "@/lib/core/context";
import { provisionTotp } from "@/lib/core/factors/provisioned-totp";
import {
  findOwnerByNumber,
  findTotpOfUser,
  listTotpOfUsers,
  removeTotpOfUser,
  renameTotpOfUser,
} from "@/lib/core/factors/totp-of-users";
import { Refused } from "@/lib/core/refusals";
import { AnswerInstead, type Call, operation, WAIT } from "../dialect";
import { ofField } from "../django-rest";
import { FORBIDDEN, INVALID, NOT_FOUND } from "./answers";
import { numberOf } from "./query";
import * as requests from "./requests";
import * as responses from "./responses";
import { answerPage, bodyOf, LIST, ONE } from "./totp-page";

// Everybody's authenticator apps, for administrators.

const ADMIN = "/api/v3/authenticators/admin/totp";

const list = operation({
  method: "GET",
  path: ADMIN,
  summary: "List everybody's authenticator apps",
  needs: "acting",
  access: "users.list",
  body: null,
  query: requests.LIST,
  answers: LIST,
  run: ({ ctx, acting, query }) => answerPage(query, (asked) => listTotpOfUsers(ctx, acting, asked)),
});

const create = operation({
  method: "POST",
  path: ADMIN,
  summary: "Make an authenticator app, which waits for its owner to prove it",
  needs: "acting",
  access: "devices.create",
  body: requests.newDevice,
  answers: {
    201: { means: "The device", body: responses.totpDevice },
    400: { means: "The name is missing or not right, or there is no such user" },
    ...FORBIDDEN,
    ...WAIT,
  },
  run: async ({ ctx, acting, body: { name, user } }) => {
    const userId = user === undefined ? acting.user.id : await ownerOf(ctx, acting, user);
    // The secret is its owner's alone, and in no answer of this API.
    return { status: 201, body: bodyOf(await provisionTotp(ctx, acting, { userId, name })) };
  },
});

async function ownerOf(ctx: Context, acting: Acting, number: number): Promise<string> {
  try {
    return await findOwnerByNumber(ctx, acting, number);
  } catch (error) {
    if (!(error instanceof Refused) || error.refusal.code !== "not_found") throw error;
    throw new AnswerInstead(ofField("user", `Invalid pk "${number}" - object does not exist.`));
  }
}

const retrieve = operation({
  method: "GET",
  path: `${ADMIN}/{id}`,
  summary: "Read one authenticator app",
  needs: "acting",
  access: "users.list",
  body: null,
  answers: ONE,
  run: async ({ ctx, acting, params }) => {
    const row = await findTotpOfUser(ctx, acting, { number: numberOf(params) });
    return { status: 200, body: bodyOf(row) };
  },
});

const change = {
  path: `${ADMIN}/{id}`,
  needs: "acting",
  access: "devices.rename",
  // Without a name nothing changes; but what is not there is 404, whatever the body is.
  find: ({ ctx, acting, params }: Call & { acting: Acting }) =>
    renameTotpOfUser(ctx, acting, { number: numberOf(params) }, {}),
  answers: { ...ONE, ...INVALID },
} as const;

const update = operation({
  ...change,
  method: "PUT",
  summary: "Give an authenticator app another name",
  body: requests.device,
  run: async ({ ctx, acting, params, body }) => {
    const row = await renameTotpOfUser(ctx, acting, { number: numberOf(params) }, body);
    return { status: 200, body: bodyOf(row) };
  },
});

const partialUpdate = operation({
  ...change,
  method: "PATCH",
  summary: "Give an authenticator app another name, if one is sent",
  body: requests.changedDevice,
  run: async ({ ctx, acting, params, body }) => {
    const row = await renameTotpOfUser(ctx, acting, { number: numberOf(params) }, body);
    return { status: 200, body: bodyOf(row) };
  },
});

const destroy = operation({
  method: "DELETE",
  path: `${ADMIN}/{id}`,
  summary: "Remove somebody's authenticator app",
  needs: "acting",
  access: "devices.remove",
  body: null,
  answers: { 204: { means: "Removed" }, ...FORBIDDEN, ...NOT_FOUND },
  run: async ({ ctx, acting, params }) => {
    await removeTotpOfUser(ctx, acting, { number: numberOf(params) });
    return { status: 204 };
  },
});

export const adminTotpOperations = [list, create, retrieve, update, partialUpdate, destroy];
