/** The client of script/bench: a browser without JavaScript, as light as it can be. */
import { DEFAULT_TOTP, fromBase32, totpCode, totpStep } from "@/lib/crypto/totp";
import { Browser, type BrowserAnswer, cookieOf, type Form } from "./browser";
import type { BenchPerson, Job, Measured } from "./job";
import { measureEach, measureFor } from "./measure";

/** How many challenges an account may have open; an older one would no longer be redeemed. */
const OPEN_CHALLENGES = 5;

type Member = BenchPerson & { secretBytes: Uint8Array; lastStep: number; challenges: string[] };
type Forms = { password: Form; code: Form };

const memberOf = (person: BenchPerson): Member => ({
  ...person,
  secretBytes: fromBase32(person.secret),
  lastStep: -1,
  challenges: [],
});

/** The three steps by one way in. */
type Way = {
  /** Sends the password; returns the challenge's cookie, or null. */
  password(member: Member): Promise<{ cookie: string | null; status: number }>;
  code(challenge: string, code: string): Promise<{ cookie: string | null; status: number }>;
  session(cookie: string): Promise<BrowserAnswer>;
};

function pagesWay(browser: Browser, forms: Forms): Way {
  const taken = (answer: BrowserAnswer, name: string) => ({
    cookie: answer.status === 303 ? cookieOf(answer, name) : null,
    status: answer.status,
  });
  return {
    password: async ({ email, password }) =>
      taken(await browser.post(forms.password, { email, password }, ""), "countersign.challenge"),
    code: async (challenge, code) =>
      taken(await browser.post(forms.code, { code }, challenge), "next-auth.session-token"),
    session: (cookie) => browser.get("/api/auth/session", cookie),
  };
}

function athenaWay(browser: Browser): Way {
  const taken = (answer: BrowserAnswer, name: string) => ({
    cookie: answer.status === 200 ? cookieOf(answer, name) : null,
    status: answer.status,
  });
  return {
    password: async ({ email, password }) =>
      taken(
        await browser.postJson("/api/auth/sign-in/email", { email, password }, ""),
        "better-auth.two_factor",
      ),
    code: async (challenge, code) =>
      taken(
        await browser.postJson("/api/auth/two-factor/verify-totp", { code }, challenge),
        "better-auth.session_token",
      ),
    session: (cookie) => browser.get("/api/auth/get-session", cookie),
  };
}

async function passwordStep(way: Way, member: Member): Promise<void> {
  const { cookie: challenge, status } = await way.password(member);
  if (challenge === null) throw new Error(`the password step answered ${status}`);
  member.challenges.push(challenge);
  if (member.challenges.length > OPEN_CHALLENGES) member.challenges.shift();
}

/** How long an answer may take. A code is not sent so close to the end of its time that the server might see it late. */
const PATIENCE_MS = 5000;

/** The oldest step that is fresh for this account and that the server will still take when it reads it, or null. */
function freshCode(member: Member): string | null {
  const present = totpStep(new Date(), DEFAULT_TOTP.periodSeconds);
  const oldest = totpStep(new Date(Date.now() + PATIENCE_MS), DEFAULT_TOTP.periodSeconds) - 1;
  const step = Math.max(oldest, member.lastStep + 1);
  if (step > present + 1) return null;
  member.lastStep = step;
  return totpCode(member.secretBytes, DEFAULT_TOTP, step);
}

async function codeStep(way: Way, member: Member, code: string): Promise<string> {
  const challenge = member.challenges.shift();
  const { cookie: session, status } = await way.code(challenge ?? "", code);
  if (session === null) throw new Error(`the code step answered ${status}`);
  return session;
}

async function sessionStep(way: Way, cookie: string): Promise<void> {
  const { status, body } = await way.session(cookie);
  if (status !== 200 || !body.includes('"email"')) throw new Error(`the session read answered ${status}`);
}

/** The forms of the pages: the code's is only shown to somebody whose code is owed. */
async function findForms(browser: Browser, [first]: BenchPerson[]): Promise<Forms> {
  if (!first) throw new Error("nobody to warm up with");
  const password = await browser.readForm("/sign-in", "password", "");
  const { email, password: typed } = first;
  const challenge = cookieOf(
    await browser.post(password, { email, password: typed }, ""),
    "countersign.challenge",
  );
  return { password, code: await browser.readForm("/sign-in/verify", "code", challenge ?? "") };
}

/** One sign-in of everybody in turn. */
async function warmUp(way: Way, people: BenchPerson[]): Promise<void> {
  for (const member of people.map(memberOf)) {
    await passwordStep(way, member);
    const session = await codeStep(way, member, freshCode(member) ?? "");
    for (let reads = 0; reads < 10; reads += 1) await sessionStep(way, session);
  }
}

async function work({
  url,
  way: asked,
  warmUp: first,
  people,
  seconds,
  concurrency,
  processes,
}: Job): Promise<Measured[]> {
  const browser = new Browser(url, concurrency);
  const way = asked === "athena" ? athenaWay(browser) : pagesWay(browser, await findForms(browser, first));
  await warmUp(way, first);
  const members = people.map(memberOf);
  const limits = { concurrency, seconds, processes };
  const password = await measureFor("password", { ...limits, atLeast: members.length }, (turn) => {
    const member = members[turn % members.length];
    return member ? passwordStep(way, member) : Promise.resolve();
  });
  const sessions: string[] = [];
  // As many rounds as there are fresh codes: the server takes those of three steps.
  const turns = Array.from({ length: 3 }, () => members).flat();
  const code = await measureEach("code", limits, turns, async (member) => {
    const fresh = member.challenges.length > 0 ? freshCode(member) : null;
    if (fresh === null) return false;
    sessions.push(await codeStep(way, member, fresh));
    return true;
  });
  const session = await measureFor("session", limits, (turn) =>
    sessionStep(way, sessions[turn % sessions.length] ?? ""),
  );
  browser.close();
  return [password, code, session];
}

// Sent by bench.ts alone.
process.once("message", async (job: Job) => {
  const steps = await work(job);
  process.send?.(steps, () => process.exit(0));
});
