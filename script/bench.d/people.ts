import { totpBinding } from "@/lib/core/factors/totp-factor";
import { newId } from "@/lib/core/ids";
import { LIMITS } from "@/lib/core/limits";
import { hashPassword } from "@/lib/crypto/passwords";
import { seal } from "@/lib/crypto/seal";
import { DEFAULT_TOTP, newTotpSecret, toBase32 } from "@/lib/crypto/totp";
import { openDatabase } from "@/lib/db/client";
import { databaseConnection } from "@/lib/db/connection";
import { readKeys } from "@/lib/server/keys-file";
import type { BenchPerson } from "./job";

const PASSWORD = "correct horse battery staple";
const AT_ONCE = 500;

/**
 * Makes accounts whose two-factor sign-in is on, as rows: secrets sealed as always. All have one password, and one hash of it, since
 * 100,000 of them would take an hour; comparing costs the same.
 */
export async function makePeople(
  place: { databaseUrl: string | null; dataDir: string },
  count: number,
): Promise<BenchPerson[]> {
  const keys = readKeys({ dataDir: place.dataDir, keys: null });
  if (keys === null) throw new Error("the server has made no keys");
  const db = openDatabase({ ...databaseConnection(place), query_timeout: 30_000 });
  const hash = await hashPassword(PASSWORD);
  const people: BenchPerson[] = [];
  while (people.length < count) {
    const now = new Date();
    const from = people.length;
    const group = Array.from({ length: Math.min(AT_ONCE, count - from) }, (_, index) => ({
      id: newId(now),
      factorId: newId(now),
      secret: newTotpSecret(),
      email: `person-${from + index}@example.org`,
    }));
    await db.user.createMany({
      data: group.map(({ id, email }) => ({ id, email, passwordHash: hash, createdAt: now })),
    });
    await db.factorBudget.createMany({ data: group.map(({ id }) => ({ userId: id, failures: [] })) });
    await db.totpFactor.createMany({
      data: group.map(({ id, factorId, secret }) => ({
        ...DEFAULT_TOTP,
        id: factorId,
        userId: id,
        name: "Phone",
        sealedSecret: seal(keys.ring, secret, totpBinding(id, factorId)),
        createdAt: now,
        confirmedAt: now,
      })),
    });
    // By the database itself: a million rows of 100,000 people take minutes to be sent.
    await db.$executeRaw`
      INSERT INTO recovery_code (id, user_id, selector, hash, created_at)
      SELECT id || ':' || n, id, 'AA' || n, ${hash}, ${now}
      FROM unnest(${group.map(({ id }) => id)}::text[]) AS id, generate_series(0, ${LIMITS.recoveryCodes.count - 1}::int) AS n`;
    people.push(
      ...group.map(({ id, email, secret }) => ({ id, email, password: PASSWORD, secret: toBase32(secret) })),
    );
  }
  // As it would be for accounts that have been there for long; else the database would do it while it is measured.
  await db.$executeRaw`VACUUM ANALYZE`;
  await db.$disconnect();
  return people;
}
