/** The client of script/bench: a browser without JavaScript, as light as it can be. */
import { DEFAULT_TOTP, fromBase32, totpCode, totpStep } from "@/lib/crypto/totp";
import { Browser, cookieOf, type Form } from "./browser";
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

async function passwordStep(browser: Browser, form: Form, member: Member): Promise<void> {
  const { email, password } = member;
  const answer = await browser.post(form, { email, password }, "");
  const challenge = cookieOf(answer, "countersign.challenge");
  if (challenge === null || !answer.headers.location?.includes("/sign-in/verify")) {
    throw new Error(`the password step answered ${answer.status} to ${answer.headers.location ?? "nowhere"}`);
  }
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

async function codeStep(browser: Browser, form: Form, member: Member, code: string): Promise<string> {
  const challenge = member.challenges.shift();
  const answer = await browser.post(form, { code }, challenge ?? "");
  const session = cookieOf(answer, "next-auth.session-token");
  if (session === null || answer.status !== 303) throw new Error(`the code step answered ${answer.status}`);
  return session;
}

async function sessionStep(browser: Browser, cookie: string): Promise<void> {
  const { status, body } = await browser.get("/api/auth/session", cookie);
  if (status !== 200 || !body.includes('"email"')) throw new Error(`the session read answered ${status}`);
}

/** One sign-in of everybody in turn, which also finds the forms. */
async function warmUp(browser: Browser, people: BenchPerson[]): Promise<Forms> {
  const password = await browser.readForm("/sign-in", "password", "");
  let code: Form | null = null;
  for (const member of people.map(memberOf)) {
    await passwordStep(browser, password, member);
    code ??= await browser.readForm("/sign-in/verify", "code", member.challenges[0] ?? "");
    const session = await codeStep(browser, code, member, freshCode(member) ?? "");
    for (let reads = 0; reads < 10; reads += 1) await sessionStep(browser, session);
  }
  if (code === null) throw new Error("nobody to warm up with");
  return { password, code };
}

async function work({
  url,
  warmUp: first,
  people,
  seconds,
  concurrency,
  processes,
}: Job): Promise<Measured[]> {
  const browser = new Browser(url, concurrency);
  const forms = await warmUp(browser, first);
  const members = people.map(memberOf);
  const limits = { concurrency, seconds, processes };
  const password = await measureFor("password", { ...limits, atLeast: members.length }, (turn) => {
    const member = members[turn % members.length];
    return member ? passwordStep(browser, forms.password, member) : Promise.resolve();
  });
  const sessions: string[] = [];
  // As many rounds as there are fresh codes: the server takes those of three steps.
  const turns = Array.from({ length: 3 }, () => members).flat();
  const code = await measureEach("code", limits, turns, async (member) => {
    const fresh = member.challenges.length > 0 ? freshCode(member) : null;
    if (fresh === null) return false;
    sessions.push(await codeStep(browser, forms.code, member, fresh));
    return true;
  });
  const session = await measureFor("session", limits, (turn) =>
    sessionStep(browser, sessions[turn % sessions.length] ?? ""),
  );
  browser.close();
  return [password, code, session];
}

// Sent by bench.ts alone.
process.once("message", async (job: Job) => {
  const steps = await work(job);
  process.send?.(steps, () => process.exit(0));
});
