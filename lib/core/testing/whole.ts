import type { PoolConfig } from "pg";
import { expect } from "vitest";
import { findBrokenInvariants } from "@/lib/db/invariants";
import type { Context } from "../context";
import { sampleSecrets } from "../key-rotation";
import { purgeLapsed } from "../purge";

/**
 * Expects that nothing in a database is half done, whoever's it is: prisma/invariants.sql, and that every secret opens with the
 * keys. What has lapsed is purged first, as a server does.
 * @param when said where it is not so
 */
export async function expectWhole(
  connection: PoolConfig,
  { db, keys, now }: Pick<Context, "db" | "keys" | "now">,
  when: string,
): Promise<void> {
  await purgeLapsed(db, now);
  const broken = await findBrokenInvariants(connection, { newest: null, purgedUntil: now });
  const secrets = await sampleSecrets(db, keys.ring, 1000);
  expect({ broken, secretsThatDoNotOpen: secrets.broken }, when).toEqual({
    broken: [],
    secretsThatDoNotOpen: 0,
  });
}

/** Has the database refuse whatever lets an authenticator's last step fall, or takes one for used twice. */
export async function watchSteps(db: Context["db"]): Promise<void> {
  await db.$executeRawUnsafe(`
    CREATE FUNCTION refuse_used_steps() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'step % after step %', NEW.last_step, OLD.last_step; END $$`);
  await db.$executeRawUnsafe(`
    CREATE TRIGGER steps_only_rise BEFORE UPDATE ON totp_factor FOR EACH ROW
    WHEN (NEW.last_step < OLD.last_step OR (NEW.last_step = OLD.last_step AND NEW.last_used_at <> OLD.last_used_at))
    EXECUTE FUNCTION refuse_used_steps()`);
}
