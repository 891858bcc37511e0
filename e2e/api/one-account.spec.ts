import type { Phone } from "@/lib/core/testing/phone";
import type { Database } from "@/lib/db/client";
import { expect, test } from "../fixtures";
import { ATHENA, type Client, everywhereIn, type Finish, WAYS, type Way } from "./ways";

// One account, one set of authenticators, one budget and one list of sessions, whichever way in is taken: against the
// production server, over HTTP alone.

/** Clients that nobody knows, each at an address of its own, which is derived from the test's. */
function strangers(address: string): (way: Pick<Way, "open">) => Client {
  let opened = 10;
  return (way) => {
    opened += 1;
    return way.open(address.replace(/^10\./, `${opened}.`));
  };
}

/** The code was compared and refused: that is no wait, and nobody is signed in. */
async function expectWrong(client: Client, { status, isOpened }: Finish, what: string): Promise<void> {
  expect(isOpened, what).toBe(false);
  expect([400, 401], what).toContain(status);
  expect(await client.isSignedIn(), what).toBe(false);
}

async function signIn(client: Client, email: string, code: () => Promise<string>): Promise<void> {
  expect(await client.begin(email)).toBe(true);
  expect((await client.finish(await code())).isOpened).toBe(true);
  expect(await client.isSignedIn()).toBe(true);
}

/** As if the phone had moved on: a code is good once, and a test does not wait for the next. */
async function letStepsPass(db: Database, email: string): Promise<void> {
  await db.totpFactor.updateMany({ where: { user: { email } }, data: { lastStep: -1 } });
}

/** As if a year had passed since codes failed. */
async function letFailuresLapse(db: Database, email: string): Promise<void> {
  await db.factorBudget.updateMany({ where: { user: { email } }, data: { failures: [], waitUntil: null } });
}

async function freshCode(db: Database, email: string, phone: Phone): Promise<string> {
  await letStepsPass(db, email);
  return phone.codeAt(new Date(), 0);
}

/** An account with two-factor sign-in on. */
async function enrolThrough(client: Client, email: string): Promise<Phone> {
  await client.register(email);
  expect(await client.isSignedIn()).toBe(true);
  const phone = await client.enrol();
  expect(await client.isSignedIn(), "still signed in after the set-up").toBe(true);
  return phone;
}

for (const first of WAYS) {
  for (const second of WAYS) {
    test(`set up through ${first.name}, used through ${second.name}: one authenticator, one use of a code, one session, one switch`, async ({
      db,
      email,
      address,
    }) => {
      const stranger = strangers(address);
      const owner = stranger(first);
      const phone = await enrolThrough(owner, email);

      const client = stranger(second);
      expect(await client.begin(email), "the code is owed").toBe(true);
      expect(await client.isSignedIn(), "the password alone opens nothing").toBe(false);
      const code = await freshCode(db, email, phone);
      expect((await client.finish(code)).isOpened).toBe(true);
      expect(await client.isSignedIn()).toBe(true);

      const again = stranger(first);
      expect(await again.begin(email), "the code is owed there, too").toBe(true);
      await expectWrong(again, await again.finish(code), "a spent code");

      await letFailuresLapse(db, email);
      expect(await client.disable(await freshCode(db, email, phone)), "turned off").toBe(true);
      expect(await client.isSignedIn(), "still signed in after it").toBe(true);
      const after = stranger(first);
      expect(await after.begin(email), "no code is owed any more").toBe(false);
      expect(await after.isSignedIn()).toBe(true);

      // What the client holds, as a thief of it would have it, in each way in that takes it.
      const copies = client.jar
        ? everywhereIn(client.jar, address)
        : [{ name: second.name, client: client.copy() }];
      for (const { name, client: copy } of copies)
        expect(await copy.isSignedIn(), `a copy of what it holds, in ${name}`).toBe(true);
      await client.signOut();
      expect(await client.isSignedIn()).toBe(false);
      for (const { name, client: copy } of copies)
        expect(await copy.isSignedIn(), `a copy of what it held, in ${name}`).toBe(false);
      expect(await owner.isSignedIn(), "the session of the set-up is another one").toBe(true);
    });
  }
}

for (const second of WAYS) {
  test(`a code spent through ${second.name} is refused in every way, its own as well`, async ({
    db,
    email,
    address,
  }) => {
    const stranger = strangers(address);
    const [pages] = WAYS;
    const phone = await enrolThrough(stranger(pages ?? second), email);
    const code = await freshCode(db, email, phone);
    await signIn(stranger(second), email, async () => code);
    for (const way of WAYS) {
      // So many wrong codes in a row would earn a wait.
      await letFailuresLapse(db, email);
      const other = stranger(way);
      expect(await other.begin(email), `${way.name} asks for a code`).toBe(true);
      await expectWrong(other, await other.finish(code), `a spent code in ${way.name}`);
    }
  });
}

for (const first of WAYS) {
  test(`a wait earned through ${first.name} holds back a right code in every way, and does not spend it`, async ({
    db,
    email,
    address,
  }) => {
    const stranger = strangers(address);
    const [pages] = WAYS;
    const phone = await enrolThrough(stranger(pages ?? first), email);
    const guesser = stranger(first);
    for (const guesses of [3, 2]) {
      expect(await guesser.begin(email)).toBe(true);
      for (let turn = 0; turn < guesses; turn += 1)
        await expectWrong(guesser, await guesser.finish(phone.wrongCode(new Date())), "a wrong code");
    }
    const code = await freshCode(db, email, phone);
    for (const way of WAYS) {
      const other = stranger(way);
      expect(await other.begin(email), `${way.name} asks for a code`).toBe(true);
      expect(await other.finish(code), `a right code in ${way.name}`).toEqual({
        status: 429,
        isOpened: false,
      });
      expect(await other.isSignedIn(), way.name).toBe(false);
    }
    await letFailuresLapse(db, email);
    await signIn(guesser, email, async () => code);
  });
}

for (const athena of ATHENA) {
  test(`all sessions revoked through ${athena.name} are dead in every way`, async ({
    db,
    email,
    address,
  }) => {
    const stranger = strangers(address);
    const owner = athena.open(address);
    const phone = await enrolThrough(owner, email);
    const clients: { name: string; client: Client }[] = [];
    for (const way of WAYS) {
      const client = stranger(way);
      await signIn(client, email, () => freshCode(db, email, phone));
      clients.push({ name: way.name, client });
      if (client.jar) clients.push(...everywhereIn(client.jar, address));
    }
    for (const { name, client } of clients) expect(await client.isSignedIn(), name).toBe(true);
    await owner.revokeAll();
    expect(await owner.isSignedIn()).toBe(false);
    for (const { name, client } of clients) expect(await client.isSignedIn(), name).toBe(false);
    expect(await db.session.count({ where: { user: { email } } })).toBe(0);
  });
}

test("a hundred submits of one code at once, mixed over all ways, open exactly one session", async ({
  db,
  email,
  address,
}) => {
  const stranger = strangers(address);
  const [pages] = WAYS;
  if (!pages) throw new Error("there are no ways in");
  const phone = await enrolThrough(stranger(pages), email);
  const clients = WAYS.map(stranger);
  const sessions = () => db.session.count({ where: { user: { email } } });
  const before = await sessions();
  const submits: Awaited<ReturnType<Client["ready"]>>[] = [];
  for (const client of clients) {
    expect(await client.begin(email)).toBe(true);
    submits.push(await client.ready());
  }
  const code = await freshCode(db, email, phone);
  const mixed = Array.from({ length: 20 }, () => submits)
    .flat()
    .slice(0, 100);
  const finishes = await Promise.all(mixed.map((submit) => submit(code)));
  expect(finishes).toHaveLength(100);
  expect(finishes.filter(({ isOpened }) => isOpened)).toHaveLength(1);
  expect(await sessions()).toBe(before + 1);
  const statuses = new Set(finishes.map(({ status }) => status));
  expect([...statuses].filter((status) => status >= 500)).toEqual([]);
  const signedIn = await Promise.all(clients.map((client) => client.isSignedIn()));
  expect(signedIn.filter(Boolean)).toHaveLength(1);
});
