import { Prisma } from "@/lib/db/generated/client";
import type { Context } from "./context";
import { returnAccountUnits } from "./factor-budget";
import { returnAddressTry } from "./try-budget";

/**
 * Statement parts that give back what a guess cost that proved right, for each row of the part `source` (user_id,
 * account_units): the address's try, then the account's units. Behind them `settled` has the rows of `source`; what is
 * given back to a browser must hang on that. So every statement of ours takes its locks in one order, the address before
 * the browser and the account, as `spendUnitsParts` behind `takeAddressTry` does, and no two wait for each other.
 */
export function returnGuessParts(ctx: Context): Prisma.Sql {
  const address = ctx.settings.rateLimitAddress
    ? Prisma.sql`address_returned AS (${returnAddressTry(ctx, "factor", Prisma.sql`source`)}),
      settled AS (SELECT source.* FROM source, (SELECT count(*) FROM address_returned) AS first)`
    : Prisma.sql`settled AS (SELECT * FROM source)`;
  return Prisma.sql`${address}, account_returned AS (${returnAccountUnits(Prisma.sql`settled AS source`)})`;
}
