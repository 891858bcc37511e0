import { createHmac } from "node:crypto";
import ipaddr from "ipaddr.js";
import { Prisma } from "@/lib/db/generated/client";
import { type Context, secondsAfter, secondsUntil } from "./context";
import { LIMITS } from "./limits";
import { refuse } from "./refusals";

/** So many tries within so many seconds. */
type Window = { tries: number; seconds: number };

/** The limits that hold per network address. Each ends in a wait, never in a lock. */
const ADDRESS_LIMITS = {
  password: [{ tries: LIMITS.address.passwords.tries, seconds: LIMITS.address.passwords.windowSeconds }],
  factor: [
    { tries: LIMITS.address.factors.failures, seconds: LIMITS.address.factors.windowSeconds },
    { tries: LIMITS.address.factorsDaily.failures, seconds: LIMITS.address.factorsDaily.windowSeconds },
  ],
  signUp: [{ tries: LIMITS.address.signUps.tries, seconds: LIMITS.address.signUps.windowSeconds }],
  mailRequest: [
    { tries: LIMITS.address.mailRequests.tries, seconds: LIMITS.address.mailRequests.windowSeconds },
  ],
} satisfies Record<string, Window[]>;

export type AddressLimit = keyof typeof ADDRESS_LIMITS;

/** Mails that somebody asks for; each kind is counted by itself. */
const ASKED_MAILS: Window[] = [
  { tries: LIMITS.mails.perQuarterHour, seconds: 900 },
  { tries: LIMITS.mails.perDay, seconds: 86_400 },
];

/** What may be done for one account so often: work that costs us much, and mails, which cost their reader. */
const ACCOUNT_LIMITS = {
  recoveryCodes: [{ tries: LIMITS.recoveryCodes.setsPerHour, seconds: 3600 }],
  newPasswordMail: ASKED_MAILS,
  newPasswordMailByAll: [{ tries: LIMITS.newPasswordLink.byAll, seconds: LIMITS.newPasswordLink.ttlSeconds }],
  emailLinkMail: ASKED_MAILS,
  newAddressMail: [{ tries: LIMITS.mails.perDayByAll, seconds: 86_400 }],
  signInCodeMail: ASKED_MAILS,
  provisionedTotp: [{ tries: LIMITS.provisioned.perHour, seconds: 3600 }],
  apiToken: [{ tries: LIMITS.apiTokens.perHour, seconds: 3600 }],
  refusalNote: [{ tries: LIMITS.refusalNotes.perHour, seconds: 3600 }],
  codeFailedMail: [{ tries: LIMITS.mails.wrongCodePerHour, seconds: 3600 }],
} satisfies Record<string, Window[]>;

/**
 * What an address is counted by: an IPv4 address itself (also when written as IPv6), an IPv6 address by its /64, since
 * that is what one subscriber holds. Text that is no address is counted together.
 */
export function addressKey(address: string): string {
  if (!ipaddr.isValid(address)) return "unknown";
  const parsed = ipaddr.process(address);
  if (parsed instanceof ipaddr.IPv4) return parsed.toString();
  return `${parsed.parts
    .slice(0, 4)
    .map((part) => part.toString(16))
    .join(":")}::/64`;
}

function rowKey(ctx: Context, limit: AddressLimit): string {
  return `${limit}:${addressKey(ctx.address)}`;
}

/**
 * A statement part that takes one try from the address and returns a row if there was one to take. It runs only for
 * rows of `source` (a FROM item), so that requests that are no try cost nothing.
 */
export function takeAddressTry(ctx: Context, limit: AddressLimit, source: Prisma.Sql): Prisma.Sql {
  return takeTry(ctx, rowKey(ctx, limit), ADDRESS_LIMITS[limit], source);
}

function takeTry(ctx: Context, key: string | Prisma.Sql, windows: Window[], source: Prisma.Sql): Prisma.Sql {
  const longest = Math.max(...windows.map(({ seconds }) => seconds));
  const withinLimits = windows.map(
    ({ tries, seconds }) => Prisma.sql`(
      SELECT count(*) FROM unnest(budget.tries) AS try WHERE try > ${secondsAfter(ctx.now, -seconds)}::timestamptz
    ) < ${tries}`,
  );
  return Prisma.sql`
    INSERT INTO address_budget AS budget (key, tries, last_at)
    SELECT ${key}, ARRAY[${ctx.now}::timestamptz], ${ctx.now}::timestamptz FROM ${source}
    ON CONFLICT (key) DO UPDATE SET
      tries = ARRAY(
        SELECT try FROM unnest(budget.tries) AS try WHERE try > ${secondsAfter(ctx.now, -longest)}::timestamptz
      ) || ${ctx.now}::timestamptz,
      last_at = ${ctx.now}::timestamptz
    WHERE ${Prisma.join(withinLimits, " AND ")}
    RETURNING key`;
}

/** A statement part that gives one try back, for each row of `source`. */
export function returnAddressTry(ctx: Context, limit: AddressLimit, source: Prisma.Sql): Prisma.Sql {
  return Prisma.sql`
    UPDATE address_budget SET tries = trim_array(tries, least(1, cardinality(tries)))
    FROM ${source} WHERE key = ${rowKey(ctx, limit)} RETURNING key`;
}

/** Takes one try where nothing else is asked of the database. Refuses `too_many_requests`. One statement, or none if limits by address are off. */
export async function spendAddressTry(ctx: Context, limit: AddressLimit): Promise<void> {
  if (!ctx.settings.rateLimitAddress) return;
  const rows = await ctx.db.$queryRaw<unknown[]>(takeAddressTry(ctx, limit, Prisma.sql`(SELECT 1) AS once`));
  if (rows.length === 0) await refuseAddress(ctx, limit);
}

/**
 * A statement part that takes one of what may be done for an account, and returns a row if there was one to take.
 * @param account whose: a user's id, or an expression over `source` for what only the database knows
 */
export function takeAccountTry(
  ctx: Context,
  limit: keyof typeof ACCOUNT_LIMITS,
  account: string | Prisma.Sql,
  source: Prisma.Sql,
): Prisma.Sql {
  return takeTry(ctx, Prisma.sql`${`${limit}:`}::text || (${account})::text`, ACCOUNT_LIMITS[limit], source);
}

/** What an e-mail address is counted by, so that one that nobody has is counted like any other, and none can be read. */
export function hashedEmail(ctx: Context, email: string): string {
  return createHmac("sha256", ctx.keys.pepper).update(email).digest("base64url");
}

/** Takes one of what an account may do so often. Refuses `too_many_requests`. One statement. */
export async function spendAccountTry(
  ctx: Context,
  limit: keyof typeof ACCOUNT_LIMITS,
  userId: string,
): Promise<void> {
  const key = `${limit}:${userId}`;
  const once = Prisma.sql`(SELECT 1) AS once`;
  const rows = await ctx.db.$queryRaw<unknown[]>(takeTry(ctx, key, ACCOUNT_LIMITS[limit], once));
  if (rows.length === 0) await refuseKey(ctx, key, ACCOUNT_LIMITS[limit]);
}

/** As `spendAccountTry`, where nothing is refused: whether there was one. */
export async function hasAccountTry(
  ctx: Context,
  limit: keyof typeof ACCOUNT_LIMITS,
  userId: string,
): Promise<boolean> {
  const once = Prisma.sql`(SELECT 1) AS once`;
  const taken = takeTry(ctx, `${limit}:${userId}`, ACCOUNT_LIMITS[limit], once);
  return (await ctx.db.$queryRaw<unknown[]>(taken)).length > 0;
}

/** Refuses `too_many_requests` with the time until the address has a try again. */
export function refuseAddress(ctx: Context, limit: AddressLimit): Promise<never> {
  return refuseKey(ctx, rowKey(ctx, limit), ADDRESS_LIMITS[limit]);
}

async function refuseKey(ctx: Context, key: string, windows: Window[]): Promise<never> {
  const budget = await ctx.db.addressBudget.findUnique({ where: { key } });
  const newestFirst = (budget?.tries ?? []).toSorted((a, b) => b.getTime() - a.getTime());
  const waits = windows.map(({ tries, seconds }) => {
    const blocking = newestFirst[tries - 1];
    return blocking ? secondsUntil(secondsAfter(blocking, seconds), ctx.now) : 1;
  });
  return refuse({ code: "too_many_requests", retryAfterSeconds: Math.max(...waits) });
}
