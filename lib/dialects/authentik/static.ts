import {
  findRecoverySet,
  listRecoverySets,
  type RecoverySetOfUser,
  readOwnRecoverySet,
} from "@/lib/core/factors/recovery-sets";
import { refuse } from "@/lib/core/refusals";
import { type Answer, operation } from "../dialect";
import { FORBIDDEN, NOT_FOUND } from "./answers";
import { type AskedPage, askedPage, pageBody } from "./pages";
import { numberOf, textOf } from "./query";
import * as requests from "./requests";
import * as responses from "./responses";

// Sets of recovery codes. They are read here and no more: their owner alone makes one, on the pages or by an API that shows
// it. An account has one at most, which goes by its owner's number.

const ADMIN = "/api/v3/authenticators/admin/static";
const OWN = "/api/v3/authenticators/static";
const LIST = {
  200: { means: "A page of sets, without their codes", body: responses.staticDevices },
  ...FORBIDDEN,
  404: { means: "A page past the end" },
};
const ONE = {
  200: { means: "The set, without its codes", body: responses.staticDevice },
  ...FORBIDDEN,
  ...NOT_FOUND,
};

function answerPage(
  page: AskedPage,
  query: URLSearchParams,
  count: number,
  rows: RecoverySetOfUser[],
): Answer {
  const name = textOf(query, "name");
  // They are all called alike.
  const isNamed = name === null || name === responses.RECOVERY_CODES;
  const results = isNamed ? rows.map(({ user }) => responses.staticBody(user)) : [];
  return { status: 200, body: pageBody(page, isNamed ? count : 0, results) };
}

export const staticOperations = [
  operation({
    method: "GET",
    path: ADMIN,
    summary: "List who has recovery codes",
    needs: "acting",
    access: "users.list",
    body: null,
    query: requests.LIST,
    answers: LIST,
    run: async ({ ctx, acting, query }) => {
      const page = askedPage(query);
      const search = textOf(query, "search");
      const asked = { offset: page.offset, limit: page.limit, ...(search === null ? {} : { search }) };
      const { count, rows } = await listRecoverySets(ctx, acting, asked);
      return answerPage(page, query, count, rows);
    },
  }),
  operation({
    method: "GET",
    path: `${ADMIN}/{id}`,
    summary: "Read that somebody has recovery codes",
    needs: "acting",
    access: "users.list",
    body: null,
    answers: ONE,
    run: async ({ ctx, acting, params }) => {
      const { user } = await findRecoverySet(ctx, acting, numberOf(params));
      return { status: 200, body: responses.staticBody(user) };
    },
  }),
  operation({
    method: "GET",
    path: OWN,
    summary: "List one's own recovery codes, as one set",
    needs: "acting",
    access: "two_factor.read",
    body: null,
    query: requests.LIST,
    answers: LIST,
    run: async ({ ctx, acting, query }) => {
      const page = askedPage(query);
      const own = await readOwnRecoverySet(ctx, acting);
      const rows = own && page.current === 1 ? [own] : [];
      return answerPage(page, query, own ? 1 : 0, rows);
    },
  }),
  operation({
    method: "GET",
    path: `${OWN}/{id}`,
    summary: "Read that one has recovery codes",
    needs: "acting",
    access: "two_factor.read",
    body: null,
    answers: ONE,
    run: async ({ ctx, acting, params }) => {
      const own = await readOwnRecoverySet(ctx, acting);
      if (own === null || own.user.number !== numberOf(params)) return refuse({ code: "not_found" });
      return { status: 200, body: responses.staticBody(own.user) };
    },
  }),
  operation({
    method: "GET",
    path: `${OWN}/{id}/used_by`,
    summary: "List what would go with one's own recovery codes: nothing",
    needs: "acting",
    access: "two_factor.read",
    body: null,
    answers: { 200: { means: "An empty list", body: responses.usedBy }, ...FORBIDDEN, ...NOT_FOUND },
    run: async ({ ctx, acting, params }) => {
      const own = await readOwnRecoverySet(ctx, acting);
      if (own === null || own.user.number !== numberOf(params)) return refuse({ code: "not_found" });
      return { status: 200, body: [] };
    },
  }),
];
