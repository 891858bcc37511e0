import pg, { type PoolConfig } from "pg";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { generateKeys, parseKeys, withNewKey, withoutKey } from "@/lib/crypto/keys";
import { seal } from "@/lib/crypto/seal";
import { DEFAULT_TOTP, newTotpSecret } from "@/lib/crypto/totp";
import { type Database, openDatabase } from "@/lib/db/client";
import { startOwnTestDatabase } from "@/lib/db/testing/test-database";
import { createApiToken } from "./api-tokens";
import { completeSignIn } from "./challenges";
import { totpBinding } from "./factors/totp-factor";
import { prepareInstallation } from "./installation";
import { countSealed, findMissingKeys, sampleSecrets, sealAnew } from "./key-rotation";
import {
  beginChallenge,
  contextOf,
  elsewhere,
  later,
  makePerson,
  makeProtectedPerson,
  NOON,
} from "./testing/fixtures";
import { takeNewToken } from "./token-reveal";

// In a database of its own: what other tests store is sealed with their keys.
let db: Database;
let stop: () => Promise<void>;
let connection: PoolConfig;
beforeAll(async () => {
  ({ db, stop, connection } = await startOwnTestDatabase());
});
afterAll(() => stop());

const first = generateKeys();
const second = withNewKey(first).text;
const [old, both, only] = [first, second, withoutKey(second, "k1")].map(parseKeys);
if (!old || !both || !only) throw new Error("three texts make three sets of keys");

it("all that is stored is sealed anew, step by step, while people sign in, and opens without the key before", async () => {
  await prepareInstallation(db, old, NOON);
  // Any of the running servers has both keys by then.
  const ctx = contextOf(db, { keys: both });
  const before = { ...ctx, keys: old };
  const person = await makeProtectedPerson(before);
  const made = await createApiToken(before, person.signedIn, { name: "Script", scopes: ["2fa:read"] });
  const other = await makePerson(before);
  const factors = Array.from({ length: 450 }, (_, index) => {
    const id = `f${index}`;
    const sealedSecret = seal(old.ring, newTotpSecret(), totpBinding(other.user.id, id));
    const { id: userId } = other.user;
    return { id, userId, name: id, sealedSecret, ...DEFAULT_TOTP, createdAt: NOON, confirmedAt: NOON };
  });
  await db.totpFactor.createMany({ data: factors });
  // One authenticator more, the codes and the token that wait to be shown, and the installation's own mark.
  expect(await countSealed(db)).toEqual(new Map([["k1", 454]]));
  expect(await findMissingKeys(db, only.ring)).toEqual(new Map([["k1", 454]]));
  expect(await sampleSecrets(db, only.ring)).toEqual({ looked: 53, broken: 53 });

  // Broken off after the first step, it goes on where it was.
  const breakOff = (): never => {
    throw new Error("broken off");
  };
  await expect(sealAnew(db, both.ring, breakOff)).rejects.toThrow("broken off");
  expect((await countSealed(db)).get("k2")).toBe(200);
  const signIn = async (minutes: number) => {
    const at = later(elsewhere(ctx), minutes * 60);
    const session = { ...at, keys: both };
    const challengeToken = await beginChallenge(session, person.email);
    await completeSignIn(session, { challengeToken, code: person.phone.code(at.now) });
  };
  const work = [sealAnew(db, both.ring), sealAnew(db, both.ring)] as const;
  for (const minutes of [1, 2, 3]) await signIn(minutes);
  const counts = await Promise.all(work);
  expect(counts[0] + counts[1]).toBe(254);

  expect(await countSealed(db)).toEqual(new Map([["k2", 454]]));
  expect(await findMissingKeys(db, only.ring)).toEqual(new Map());
  expect(await sampleSecrets(db, only.ring)).toEqual({ looked: 53, broken: 0 });
  await prepareInstallation(db, only, NOON);
  expect(await takeNewToken({ ...ctx, keys: only }, person.signedIn, made.id)).toBe(made.token);
});

it("what is sealed is counted however long it takes, where a request would have given up", async () => {
  const impatient = openDatabase({ ...connection, query_timeout: 300 });
  const expected = await countSealed(db);
  const other = new pg.Client(connection);
  await other.connect();
  try {
    await other.query("BEGIN; LOCK TABLE totp_factor IN ACCESS EXCLUSIVE MODE");
    const counting = countSealed(impatient);
    counting.catch(() => {});
    const waiting = () =>
      db.$queryRaw`SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;
    await vi.waitFor(async () => expect(await waiting()).toHaveLength(1), 20_000);
    await expect(impatient.totpFactor.count()).rejects.toThrow();
    await other.query("COMMIT");
    expect(await counting).toEqual(expected);
  } finally {
    await other.end();
    await impatient.$disconnect();
  }
});
