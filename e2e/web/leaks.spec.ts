import { randomBytes } from "node:crypto";
import { readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import type { Page } from "@playwright/test";
import { runCommand } from "@/bin/testing/process";
import { Phone } from "@/lib/core/testing/phone";
import { parseOtpauthUri } from "@/lib/crypto/otpauth-uri";
import { toBase32 } from "@/lib/crypto/totp";
import { nextAuthSecret, openSessionCookie } from "@/lib/http/session-cookie";
import { type Secret, SecretSearch } from "@/lib/testing/secrets";
import { expect, test } from "../fixtures";
import { dumpOf, filesIn, type Place, processesOf, processIdsOf, Trail } from "../leaks";
import { linkIn, readMail } from "../mailbox";
import { freshEmail } from "../people";
import { dataDir, serverOutput, serverUrl } from "../server";
import { alertOf, arriveAt, codeField, fillPassword, open, SECURITY, TOKENS, VERIFY, WIZARD } from "../steps";

// A service of its own, with everything in its log that its libraries would say if they were asked.
test.describe.configure({ mode: "default" });
test.use({ hasOwnServer: true, ownSettings: { DEBUG: "*", NODE_DEBUG: "*" } });

/** The middle survives every way to escape a text; the rest does not. */
const newSecretText = () => randomBytes(12).toString("hex");
const passwordOf = (middle: string) => `Ünder "<&%+ ${middle} 'é\\`;

/** Where a link's token has to be: in the address of its page, of which requests from there say that they come, and in its form. */
const linkPage = (path: string) => `^request for |^(?:address bar of|answer|document) ${path}$`;

/** The names of what is found in places, each with the place. */
function findIn(search: SecretSearch, places: Place[]): { found: string; place: string }[] {
  return places.flatMap(({ name: place, content }) => search.in(content).map((found) => ({ found, place })));
}

test("UX-30: of everything secret that one person uses, nothing is in the database's files, a copy of its rows, a backup, the log, mails, addresses, the browser's storage, other pages, or the process list, but where it has to be", async ({
  openBrowser,
  db,
  keys,
  watch,
  address,
}) => {
  watch.allowRefusals();
  const secrets: Secret[] = [];
  /** Secrets that have to be somewhere: where they may be found. */
  const allowed: { secret: string; place: RegExp }[] = [];
  const plant = (name: string, text: string, more: Partial<Secret> & { in?: RegExp } = {}) => {
    const { in: place, ...rest } = more;
    expect(text.length, name).toBeGreaterThan(5);
    secrets.push({ name, text, ...rest });
    if (place) allowed.push({ secret: name, place });
    return text;
  };
  const plantPassword = (name: string) => passwordOf(plant(name, newSecretText()));
  const trail = new Trail();
  const browserOptions = await trail.start();
  /** Cookies are the place for tokens; each new value is one more that must be nowhere else. */
  const known = new Set<string>();
  const plantCookies = async (page: Page) => {
    for (const { name, value, httpOnly } of await page.context().cookies()) {
      expect(httpOnly, name).toBe(true);
      if (known.has(value) || value.length < 20) continue;
      known.add(value);
      plant(`cookie ${name}`, value, { mayBeHashed: true });
      const token = name.endsWith("session-token") ? openSessionCookie(keys, value, new Date()) : null;
      if (token !== null && !known.has(token)) plant("session token", token, { mayBeHashed: true });
      if (token !== null) known.add(token);
    }
  };
  const look = async (page: Page) => {
    await plantCookies(page);
    await trail.look(page);
  };

  const email = freshEmail();
  const canary = new SecretSearch([{ name: "address", text: email, mayBeHashed: true }]);
  const password = plantPassword("password");
  const later = plantPassword("new password");
  const last = plantPassword("password chosen by mail");
  const mistyped = passwordOf(plant("wrong password", newSecretText()));
  // What a form gives back to whoever typed it.
  const misplaced = plant("password in the e-mail field", `Pass.word@${newSecretText()}.example`, {
    in: /^(?:answer|document) \/sign-in$/,
  });
  for (const [name, key] of keys.ring.keys)
    plant(`sealing key ${name}`, key.toString("base64url"), { bytes: key, in: /^file keys\.json$/ });
  for (const [name, key] of Object.entries({ pepper: keys.pepper, "next-auth's secret": keys.cookieSecret }))
    plant(name, key.toString("base64url"), { bytes: key, in: /^file keys\.json$/ });
  expect(nextAuthSecret(keys)).toBe(keys.cookieSecret.toString("base64url"));

  await test.step("an administrator by the printed link", async () => {
    const admins = await openBrowser(browserOptions);
    const link = serverOutput().match(/http:\/\/localhost:\d+\/set-up\?token=[\w-]+/)?.[0] ?? "";
    const token = new URL(link).searchParams.get("token") ?? "";
    plant("set-up link's token", token, {
      in: new RegExp(`^output$|${linkPage("/set-up")}`),
    });
    await open(admins, link);
    await look(admins);
    await admins.getByLabel("E-mail address").fill(`admin-${email}`);
    await admins.getByLabel("Password", { exact: true }).fill(password);
    await admins.getByRole("button", { name: "Make the account" }).click();
    await arriveAt(admins, WIZARD);
    await look(admins);
  });

  const page = await openBrowser(browserOptions);
  const linkOf = async (kind: Parameters<typeof readMail>[2], path: string) => {
    const link = linkIn(await readMail(db, email, kind));
    const token = new URL(link).searchParams.get("token") ?? "";
    const [, proof = ""] = token.split(".");
    plant(`token of the link to ${path}`, proof, {
      in: new RegExp(`^file outbox/|${linkPage(path)}`),
    });
    return link;
  };

  await test.step("sign up, and confirm the address", async () => {
    await open(page, "/sign-up");
    await page.getByLabel("E-mail address").fill(email);
    await page.getByLabel("Password", { exact: true }).fill(password);
    await page.getByRole("button", { name: "Make the account" }).click();
    await arriveAt(page, SECURITY);
    await look(page);
    await open(page, await linkOf("email_confirmation_asked", "/confirm-email"));
    await look(page);
    await page.getByRole("button", { name: "Yes, confirm it" }).click();
    await expect(page.getByText("Your e-mail address is confirmed.")).toBeVisible();
    await look(page);
  });

  const { phone, codes } = await test.step("set an authenticator up", async () => {
    await open(page, WIZARD);
    await page.getByRole("button", { name: "Show the QR code" }).click();
    const uri = (await page.locator('a[href^="otpauth:"]').getAttribute("href")) ?? "";
    const { secret } = parseOtpauthUri(uri);
    const shown = new RegExp(`^(?:answer|document) ${WIZARD}$`);
    plant("authenticator's secret", toBase32(secret), { bytes: secret, in: shown });
    const phone = new Phone(uri);
    await takeCode(phone);
    await look(page);
    await arriveAt(page, WIZARD);
    await codeField(page).fill(await takeCode(phone));
    await arriveAt(page, `${SECURITY}/recovery-codes`);
    const codes = await page.locator("#recovery-codes li").allTextContents();
    expect(codes).toHaveLength(10);
    const codesPage = new RegExp(`^(?:answer|document) ${SECURITY}/recovery-codes`);
    for (const [index, code] of codes.entries()) {
      plant(`recovery code ${index + 1}`, code, { in: codesPage });
      // Its first three characters find its row, and are stored.
      plant(`recovery code ${index + 1} but its selector`, code.replaceAll("-", "").slice(3), {
        in: codesPage,
      });
    }
    await look(page);
    await page.getByLabel("One of your codes").fill(codes[0] ?? "");
    await page.getByRole("button", { name: "Confirm" }).click();
    await arriveAt(page, `${WIZARD}/done`);
    await look(page);
    return { phone, codes };
  });

  /** The next code, of a phone whose owner need not wait. */
  async function takeCode(phone: Phone): Promise<string> {
    await db.totpFactor.updateMany({ where: { user: { email } }, data: { lastStep: -1 } });
    const code = phone.codeAt(new Date(), 0);
    if (!secrets.some(({ text }) => text === code)) plant("code of an authenticator", code);
    return code;
  }
  const signOut = async () => {
    await page.getByRole("button", { name: "Sign out", exact: true }).click();
    await arriveAt(page, "/sign-in");
    await look(page);
  };

  await test.step("a password in the wrong field, a wrong one, then a mailed code", async () => {
    await signOut();
    for (const [name, typed] of [
      [misplaced, password],
      [email, mistyped],
    ] as const) {
      const answered = page.waitForResponse((answer) => answer.request().method() === "POST");
      await fillPassword(page, name, typed);
      await answered;
      await expect(alertOf(page).first()).toContainText("do not belong together");
      await look(page);
    }
    await fillPassword(page, email, password);
    await arriveAt(page, VERIFY);
    await look(page);
    await page.getByRole("button", { name: "Email me a code" }).click();
    await page.waitForURL(/with=mail/);
    await look(page);
    const { text } = await readMail(db, email, "sign_in_code");
    const code = plant("mailed code", text.match(/#(\d{6})$/)?.[1] ?? "", { in: /^file outbox\// });
    await page.getByRole("textbox", { name: "Code from your e-mail" }).fill(code);
    await arriveAt(page, SECURITY);
    await look(page);
  });

  await test.step("trust this browser, and sign in in it again", async () => {
    await signOut();
    await fillPassword(page, email, password);
    await arriveAt(page, VERIFY);
    await plantCookies(page);
    await page.getByLabel("Don't ask again on this browser for 30 days").check();
    await codeField(page).fill(await takeCode(phone));
    await arriveAt(page, SECURITY);
    await look(page);
    await signOut();
    await fillPassword(page, email, password);
    await arriveAt(page, SECURITY);
    await look(page);
    expect([...secrets.filter(({ name }) => name === "cookie countersign.trust")]).toHaveLength(2);
  });

  const ask = async (name: string, path: string, init: RequestInit = {}) => {
    const headers = { "x-forwarded-for": address, ...init.headers };
    const answer = await fetch(`${serverUrl()}${path}`, { redirect: "manual", ...init, headers });
    return {
      status: answer.status,
      headers: answer.headers,
      body: await trail.noteAnswer(`${path} (${name})`, answer),
    };
  };
  const postJson = (name: string, path: string, body: unknown, headers: Record<string, string> = {}) => {
    const text = typeof body === "string" ? body : JSON.stringify(body);
    return ask(name, path, {
      method: "POST",
      body: text,
      headers: { "content-type": "application/json", ...headers },
    });
  };

  await test.step("an API token, made, shown and used", async () => {
    await open(page, `${TOKENS}/new`);
    if (new URL(page.url()).pathname === "/step-up") {
      await codeField(page).fill(await takeCode(phone));
      await arriveAt(page, `${TOKENS}/new`);
    }
    await page.getByLabel("Name", { exact: true }).fill("Script");
    await page.getByLabel(/2fa:read/).check();
    await page.getByRole("button", { name: "Make the token" }).click();
    await arriveAt(page, TOKENS);
    const token = (await page.locator("#new-token").textContent()) ?? "";
    plant("API token", token.slice("countersign_".length), {
      mayBeHashed: true,
      in: new RegExp(`^(?:answer|document) ${TOKENS}$`),
    });
    await look(page);
    await page.reload();
    const after = await page.content();
    expect(after).not.toContain(token);
    const used = await ask("with an API token", "/api/v3/authenticators/all/", {
      headers: { authorization: `Bearer ${token}` },
    });
    expect(used.status).toBe(200);
  });

  const bearer = await test.step("Athena's API by bearer tokens", async () => {
    const begun = await postJson("its own", "/api/auth/sign-in/email", { email, password });
    const { twoFactorToken } = JSON.parse(begun.body);
    const own = /^answer \/api\/auth\/.*\(its own\)$/;
    plant("challenge's token of an API", String(twoFactorToken).replace("challenge.", ""), {
      mayBeHashed: true,
      in: own,
    });
    const authorization = `Bearer ${twoFactorToken}`;
    const done = await postJson(
      "its own",
      "/api/auth/two-factor/verify-backup-code",
      { code: codes[1] },
      { authorization },
    );
    const token = plant("bearer token of an API", done.headers.get("set-auth-token") ?? "", {
      mayBeHashed: true,
      in: own,
    });
    const read = await ask("its own", "/api/auth/get-session", {
      headers: { authorization: `Bearer ${token}` },
    });
    expect(read.body).toContain(email);
    return token;
  });

  const cli = await test.step("the command line", async () => {
    const typed = plantPassword("password for the command line");
    const settings = { DATA_DIR: dataDir(), DEBUG: "*" };
    const outcomes = [
      await runCommand(
        ["user", "create", "--email", `cli-${email}`, "--password-stdin"],
        settings,
        `${typed}\n`,
      ),
      await runCommand(["token", "create", "--user", email, "--scope", "2fa:read"], settings),
      await runCommand(["user", "show", "--email", email, "--json"], settings),
      await runCommand(["user", "create", "--email", email, "--password-stdin"], settings, `${typed}\n`),
    ];
    expect(outcomes.map(({ code }) => code)).toEqual([0, 0, 0, 1]);
    const printed = outcomes.map(({ stdout, stderr }) => `${stdout}\n${stderr}`);
    const token = printed[1]?.match(/countersign_([\w-]{43})/)?.[1] ?? "";
    plant("API token of the command line", token, { mayBeHashed: true, in: /^printed by command 1$/ });
    return printed.map((content, index): Place => ({ name: `printed by command ${index}`, content }));
  });

  await test.step("new passwords, in the settings and by mail", async () => {
    await open(page, "/settings/password");
    await page.getByLabel("Current password").fill(password);
    await page.getByLabel("New password").fill(later);
    await page.getByRole("button", { name: "Change the password" }).click();
    await arriveAt(page, SECURITY);
    await look(page);
    await signOut();
    await page.getByRole("link", { name: "Forgotten your password?" }).click();
    await arriveAt(page, "/forgotten-password");
    await page.getByLabel("E-mail address").fill(email);
    await page.getByRole("button", { name: "Email me a link" }).click();
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("Check your e-mail");
    await open(page, await linkOf("new_password_asked", "/new-password"));
    await look(page);
    await page.getByLabel("New password").fill(last);
    await page.getByRole("button", { name: "Use this password" }).click();
    await arriveAt(page, "/sign-in");
    await look(page);
  });

  await test.step("errors, with secrets in what is sent", async () => {
    const code = await takeCode(phone);
    const cookie = `next-auth.session-token=${secrets.find(({ name }) => name.endsWith("session-token"))?.text}x`;
    const long = "x".repeat(200_000);
    const signIn = "/api/auth/sign-in/email";
    const statuses = [
      await postJson("no JSON", signIn, `{"email":"${email}","password":"${last}`),
      await postJson("a list", signIn, { email: [last], password: { [last]: 1 } }),
      await postJson("too long", signIn, { email, password: last + long }),
      await postJson("fields nobody knows", signIn, { email, password: mistyped, [last]: last }),
      await postJson("no text", "/api/auth/two-factor/verify-totp", { code: [code, codes[2]] }),
      await postJson(
        "a wrong token",
        "/api/auth/two-factor/verify-totp",
        { code },
        { authorization: `Bearer ${bearer}x` },
      ),
      await postJson(
        "Thogits, wrong",
        "/api/auth/login",
        { email, password: mistyped },
        { origin: serverUrl() },
      ),
      await postJson("Omnitron, wrong", "/api/v1/auth/login", { email, password: mistyped, username: last }),
      await postJson("Zitadel, wrong", "/v2/sessions", {
        checks: { user: { loginName: email }, password: { password: mistyped } },
      }),
      await ask("a damaged cookie", SECURITY, { headers: { cookie } }),
      await ask("no such action", "/sign-in", {
        method: "POST",
        headers: { "next-action": "0".repeat(42), "content-type": "text/plain", origin: serverUrl() },
        body: JSON.stringify([{ password: last }]),
      }),
      await ask("no form", "/sign-in", {
        method: "POST",
        headers: { "content-type": "multipart/form-data; boundary=x", origin: serverUrl() },
        body: `--x\r\nContent-Disposition: form-data; name="password"\r\n\r\n${last}`,
      }),
      await ask("another site's form", "/sign-in", {
        method: "POST",
        headers: { "content-type": "application/x-www-form-urlencoded", origin: "http://elsewhere.example" },
        body: new URLSearchParams({ email, password: last }).toString(),
      }),
    ].map(({ status }) => status);
    for (const status of statuses)
      expect([303, 307].includes(status) || (status >= 400 && status < 500), String(status)).toBe(true);
  });

  await test.step("errors of the database, with secrets on their way to it", async () => {
    // It has one session for all: what it is told to log, it logs of everybody.
    await db.$executeRawUnsafe(
      "SET log_statement = 'all'; SET log_min_duration_statement = 0; SET log_min_messages = 'debug1'; SET log_min_error_statement = 'debug1'; SET log_parameter_max_length = -1; SET log_parameter_max_length_on_error = -1; SET log_error_verbosity = 'verbose'",
    );
    const signUp = () =>
      postJson("at the same time", "/api/auth/sign-up/email", {
        email: `twice-${email}`,
        name: "Twice",
        password: last,
      });
    const statuses = (await Promise.all([signUp(), signUp(), signUp()])).map(({ status }) => status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(1);
    const { databasePid } = processIdsOf(dataDir());
    process.kill(databasePid, "SIGSTOP");
    const path = "/api/auth/sign-in/email";
    const held = await postJson("a database that does not answer", path, { email, password: last });
    process.kill(databasePid, "SIGCONT");
    expect(held.status).toBe(503);
    await expect(
      db.$executeRawUnsafe(
        `INSERT INTO password_budget (key, failures, last_at) VALUES ('a', 1, now()), ('a', 1, now())`,
      ),
    ).rejects.toThrow();
    await db.$executeRawUnsafe("RESET ALL; SET TIME ZONE 'UTC'");
    await db.$executeRawUnsafe("CHECKPOINT");
  });

  await test.step("nothing is anywhere", async () => {
    trail.stop();
    const named = (kind: string, places: Place[]) =>
      places.map(({ name, content }): Place => ({ name: `${kind} ${name}`, content }));
    const database = named("file", filesIn(dataDir()));
    const dump = await dumpOf(db);
    const backup = join(tmpdir(), `${randomBytes(6).toString("hex")}.backup`);
    expect(await runCommand(["backup", backup], { DATA_DIR: dataDir() })).toMatchObject({ code: 0 });
    const backedUp: Place = { name: "backup", content: gunzipSync(readFileSync(backup)) };
    rmSync(backup);
    const places: Place[] = [
      ...database,
      ...dump,
      backedUp,
      { name: "output", content: serverOutput() },
      ...cli,
      ...trail.addresses,
      ...named("answer", trail.answers),
      ...named("stored", trail.stored),
      ...named("document", trail.documents),
      ...processesOf(dataDir()),
    ];
    const isAllowed = ({ found, place }: { found: string; place: string }) =>
      allowed.some(({ secret, place: pattern }) => found.startsWith(`${secret} (`) && pattern.test(place));
    expect(findIn(new SecretSearch(secrets), places).filter((hit) => !isAllowed(hit))).toEqual([]);

    // A search that finds nothing anywhere would prove nothing: what may be there is found there.
    const sees = (where: Place[]) => findIn(canary, where).length;
    expect(sees(database.filter(({ name }) => /^file database\/base\//.test(name)))).toBeGreaterThan(0);
    expect(sees(database.filter(({ name }) => /^file database\/pg_wal\//.test(name)))).toBeGreaterThan(0);
    expect(sees(database.filter(({ name }) => /^file outbox\//.test(name)))).toBeGreaterThan(0);
    expect(sees(dump)).toBeGreaterThan(0);
    expect(sees([backedUp])).toBeGreaterThan(0);
    expect(sees(cli)).toBeGreaterThan(0);
    expect(sees(named("", trail.documents))).toBeGreaterThan(0);
    expect(sees(named("", trail.answers))).toBeGreaterThan(0);
    const isFoundWhereAllowed = (secret: string, kind: RegExp) =>
      findIn(
        new SecretSearch(secrets.filter(({ name }) => name === secret)),
        places.filter(({ name }) => kind.test(name)),
      ).length > 0;
    expect(isFoundWhereAllowed("set-up link's token", /^output$/)).toBe(true);
    expect(isFoundWhereAllowed("authenticator's secret", /^document/)).toBe(true);
    expect(isFoundWhereAllowed("pepper", /^file keys/)).toBe(true);
    expect(isFoundWhereAllowed("mailed code", /^file outbox/)).toBe(true);
    for (const { content } of trail.stored)
      expect(JSON.parse(String(content))).toEqual({
        cookie: "",
        name: "",
        local: {},
        session: {},
        databases: [],
        caches: [],
        workers: [],
      });
    for (const { name } of trail.addresses.filter(({ name }) => name.startsWith("request for")))
      expect(name).toMatch(new RegExp(`^request for (?:${serverUrl()}/|data:)`));
    expect(new Set(secrets.map(({ name }) => name)).size).toBeGreaterThanOrEqual(12);
  });
});
