import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { AdminFrame } from "@/components/admin-frame";
import { AdministratorsOnly } from "@/components/administrators-only";
import { ButtonLink } from "@/components/ui/button";
import { UserSearch, type UserSearchValues } from "@/components/user-search";
import { UserTable } from "@/components/user-table";
import { listUsersFor } from "@/lib/core/admin/read-user";
import type { UserFilter } from "@/lib/core/user-summary";
import { a } from "@/lib/web/admin-messages";
import { orUnavailable } from "@/lib/web/answer";
import { type Query, queryText } from "@/lib/web/params";
import { requireAdministrator } from "@/lib/web/session";
import { signOut } from "../../sign-out-action";

export const metadata: Metadata = { title: a.users.title };

const PAGE = "/admin/users";
const USERS_PER_PAGE = 50;

async function readValues(query: Query): Promise<UserSearchValues> {
  return {
    q: await queryText(query, "q"),
    twoFactor: await queryText(query, "twoFactor"),
    admins: (await queryText(query, "admins")) === "1",
    disabled: (await queryText(query, "disabled")) === "1",
  };
}

function filterOf({ q, twoFactor, admins, disabled }: UserSearchValues): UserFilter {
  return {
    search: q,
    ...(twoFactor === "on" || twoFactor === "off" ? { hasTwoFactor: twoFactor === "on" } : {}),
    ...(admins ? { isAdmin: true } : {}),
    ...(disabled ? { isDisabled: true } : {}),
  };
}

/** The address of a page of the same search, which begins behind a number. */
function addressOf({ q, twoFactor, admins, disabled }: UserSearchValues, before?: number): string {
  const query = new URLSearchParams({
    ...(q ? { q } : {}),
    ...(twoFactor ? { twoFactor } : {}),
    ...(admins ? { admins: "1" } : {}),
    ...(disabled ? { disabled: "1" } : {}),
    ...(before === undefined ? {} : { before: String(before) }),
  });
  return query.size > 0 ? `${PAGE}?${query}` : PAGE;
}

/** All accounts, the newest first. A page begins behind an account, so that new ones do not shift what one is reading. */
export default async function UsersPage({ searchParams }: { searchParams: Query }) {
  const values = await readValues(searchParams);
  const typed = await queryText(searchParams, "before");
  if (!/^\d{0,9}$/.test(typed)) notFound();
  const before = typed === "" ? undefined : Number(typed);
  const caller = await requireAdministrator(addressOf(values, before));
  if (caller === null) return <AdministratorsOnly />;
  const { ctx, signedIn } = caller;
  const page = { order: "newest", limit: USERS_PER_PAGE + 1, ...(before ? { beyond: before } : {}) } as const;
  const found = await orUnavailable(listUsersFor(ctx, signedIn, { ...filterOf(values), ...page }));
  const users = found.slice(0, USERS_PER_PAGE);
  const last = found.length > USERS_PER_PAGE ? users.at(-1)?.number : undefined;
  return (
    <AdminFrame email={signedIn.user.email} current={PAGE} signOut={signOut}>
      <div className="mb-5 flex flex-wrap items-center justify-between gap-x-6 gap-y-3">
        <h1 className="text-2xl font-semibold tracking-tight">{a.users.title}</h1>
        <ButtonLink tone="main" href={`${PAGE}/new`}>
          {a.users.make}
        </ButtonLink>
      </div>
      <UserSearch values={values} isAsked={addressOf(values) !== PAGE} />
      {users.length === 0 ? <p>{a.users.none}</p> : <UserTable users={users} now={ctx.now} />}
      <nav aria-label={a.users.pages} className="mt-4 flex gap-x-5">
        {before !== undefined && (
          <a href={addressOf(values)} className="link link-alone">
            {a.users.newest}
          </a>
        )}
        {last !== undefined && (
          <a href={addressOf(values, last)} className="link link-alone">
            {a.users.older}
          </a>
        )}
      </nav>
    </AdminFrame>
  );
}
