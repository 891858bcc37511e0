import type { Acting } from "@/lib/core/access/guard";
import type { Context } from "@/lib/core/context";
import { listRecoverySets, readOwnRecoverySet } from "@/lib/core/factors/recovery-sets";
import { listOwnTotp, listTotpOfUsers } from "@/lib/core/factors/totp-of-users";
import { LIMITS } from "@/lib/core/limits";
import { AnswerInstead, operation } from "../dialect";
import { ofField } from "../django-rest";
import { FORBIDDEN } from "./answers";
import * as responses from "./responses";

// Every kind of device in one list.

const DEVICES = { 200: { means: "Every device", body: responses.devices }, ...FORBIDDEN };
/** More than an account can hold. */
const ALL = { offset: 0, limit: LIMITS.authenticators.perUser + LIMITS.provisioned.perUser };

async function devicesOf(ctx: Context, acting: Acting, number: number) {
  const totp = await listTotpOfUsers(ctx, acting, { ...ALL, number });
  const sets = await listRecoverySets(ctx, acting, { ...ALL, number });
  return [
    ...totp.rows.map(responses.totpAsDevice),
    ...sets.rows.map((set) => responses.staticAsDevice(set, set.user)),
  ];
}

export const allOperations = [
  operation({
    method: "GET",
    path: "/api/v3/authenticators/all",
    summary: "List one's own live devices",
    needs: "acting",
    access: "two_factor.read",
    body: null,
    answers: DEVICES,
    run: async ({ ctx, acting }) => {
      const { rows } = await listOwnTotp(ctx, acting, ALL);
      const set = await readOwnRecoverySet(ctx, acting);
      const own = set ? [responses.staticAsDevice(set, set.user)] : [];
      return { status: 200, body: [...rows.map(responses.totpAsDevice), ...own] };
    },
  }),
  operation({
    method: "GET",
    path: "/api/v3/authenticators/admin/all",
    summary: "List somebody's devices, those that wait to be proven as well",
    needs: "acting",
    access: "users.list",
    body: null,
    query: { user: "The number of the user, as the console shows it. It is required" },
    answers: { ...DEVICES, 400: { means: "No number of a user" } },
    run: async ({ ctx, acting, query }) => {
      const user = query.get("user");
      // Everybody's at once would be a list without an end.
      if (user === null || user === "") throw new AnswerInstead(ofField("user", "This field is required."));
      if (!/^\d{1,9}$/.test(user)) throw new AnswerInstead(ofField("user", "Enter a number."));
      return { status: 200, body: await devicesOf(ctx, acting, Number(user)) };
    },
  }),
];
