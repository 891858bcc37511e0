import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Context } from "@/lib/core/context";
import { startTotpSetup } from "@/lib/core/factors/totp";
import { mailedCode } from "@/lib/core/mail-secrets";
import { mailSignInCode } from "@/lib/core/mailed-code";
import { readSession } from "@/lib/core/sessions";
import { beginSignIn } from "@/lib/core/sign-in";
import { Phone } from "@/lib/core/testing/phone";
import { type Asker, EXAMPLES } from "@/lib/dialects/cases";
import { tables } from "@/lib/dialects/tables";
import { expect, test } from "../fixtures";
import { contextOf, freshEmail, makePerson, makeProtectedPerson, PASSWORD, removePeople } from "../people";
import { makeTokenHolder } from "../token-holders";

// The commands of the pages at /docs, as they are shown there, with nothing but the examples' values put in.
const run = promisify(execFile);

/** What somebody holds who tries a command. */
type Holder = { session: string; challenge: string; apiToken?: string; values: Record<string, string> };

async function become(ctx: Context, who: Asker): Promise<Holder> {
  const { db, keys, address } = ctx;
  const none = { session: "", challenge: "" };
  if (/token/.test(who)) return { ...none, ...(await makeTokenHolder(ctx)) };
  if (who === "nobody") return { ...none, values: { "<new email>": freshEmail() } };
  if (who === "person" || who === "setting up") {
    const { email, token } = await makePerson(db, keys, address);
    const signedIn = await readSession(ctx, token);
    if (!signedIn) throw new Error("this session should be live");
    const pending = who === "setting up" ? await startTotpSetup(ctx, signedIn) : null;
    const codes = pending ? { "<code>": new Phone(pending.uri).code(new Date()) } : {};
    const ids = {
      "<user id>": signedIn.user.id,
      "<TOTP id>": pending?.id ?? "",
      "<session id>": signedIn.session.id,
    };
    return { ...none, session: token, values: { "<email>": email, "<token>": token, ...codes, ...ids } };
  }
  const { id, email, token, phone, recoveryCodes } = await makeProtectedPerson(db, keys, address);
  const [session] = await db.session.findMany({ where: { userId: id } });
  const factor = await db.totpFactor.findFirst({ where: { userId: id } });
  const values = {
    "<email>": email,
    "<token>": token,
    "<other session>": session?.id ?? "",
    "<user id>": id,
    "<TOTP id>": factor?.id ?? "",
    "<session id>": session?.id ?? "",
    "<code>": phone.code(new Date()),
    "<recovery code>": recoveryCodes[0] ?? "",
  };
  await db.user.update({ where: { id }, data: { emailVerifiedAt: new Date() } });
  if (!who.startsWith("owed")) return { ...none, session: token, values };
  const begun = await beginSignIn(ctx, { email, password: PASSWORD });
  const challenge = begun.token;
  if (who === "owed and mailed") await mailSignInCode(ctx, { challengeToken: challenge });
  const { id: challengeId, mailedCodeId } = await db.challenge.findFirstOrThrow({ where: { userId: id } });
  const mailed = mailedCodeId ? { "<mailed code>": mailedCode(keys, mailedCodeId) } : {};
  const owed = {
    "<temp token>": challenge,
    "<session id>": challengeId,
    "<challenge's token>": `challenge.${challengeId}.${challenge}`,
  };
  return { ...none, challenge, values: { ...values, ...owed, ...mailed } };
}

/** A command, with each example that is a text of its body, or a part of its address, put right. */
function withValues(command: string, values: Record<string, string>): string {
  return Object.entries(EXAMPLES).reduce((text, [name, example]) => {
    const value = values[name];
    if (!value) return text;
    return text
      .replaceAll(`"${example}"`, `"${value}"`)
      .replaceAll(new RegExp(`(?<=[/=:])${example}(?=[/\\s&'",}]|$)`, "g"), value);
  }, command);
}

for (const { dialect, cases } of tables) {
  test(`the commands that /docs/${dialect.name} shows work as they are`, async ({
    page,
    db,
    keys,
    address,
  }) => {
    const folder = await mkdtemp(join(tmpdir(), "countersign-docs-"));
    const ctx = contextOf(db, keys, address, new Date());
    const emails: string[] = [];
    // So that the command itself needs no more than is shown.
    const more = [
      "silent",
      "show-error",
      `header = "X-Forwarded-For: ${address}"`,
      'write-out = "\\n%{http_code}"',
    ];
    await writeFile(join(folder, ".curlrc"), more.join("\n"));
    try {
      await page.goto(`/docs/${dialect.name}`);
      const sections = page.locator("main > section");
      await expect(sections).toHaveCount(dialect.operations.length);
      for (const section of await sections.all()) {
        const [endpoint = "", command = "", answer] = await section
          .locator("p.font-mono, pre")
          .allInnerTexts();
        const good = cases[endpoint]?.find(({ status }) => status < 400);
        if (!good) throw new Error(`no case of ${endpoint}`);
        const { session, challenge, apiToken, values } = await become(ctx, good.who);
        emails.push(values["<email>"] ?? values["<new email>"] ?? "", values["<other email>"] ?? "");
        const cookie = challenge ? `thogits.challenge\t${challenge}` : `thogits.session\t${session}`;
        await writeFile(join(folder, "cookies.txt"), `localhost\tFALSE\t/\tFALSE\t0\t${cookie}\n`);
        const token = apiToken ?? (challenge ? `challenge.${challenge}` : session);
        const env = { ...process.env, CURL_HOME: folder, KEY: session, TOKEN: token };
        const { stdout } = await run("sh", ["-c", withValues(command, values)], { cwd: folder, env });
        const lines = stdout.split("\n");
        expect(Number(lines.pop()), `${endpoint}: ${stdout}`).toBe(good.status);
        const body = lines.join("\n");
        if (answer === undefined) expect(body, endpoint).toBe("");
        else expect(shapeOf(JSON.parse(body)), endpoint).toEqual(shapeOf(JSON.parse(answer)));
      }
    } finally {
      await rm(folder, { recursive: true });
      await removePeople(db, emails);
    }
  });
}

/** What an answer is made of: its fields, or how many things are in it. */
function shapeOf(body: unknown): unknown {
  if (Array.isArray(body)) return "a list";
  return body === null ? null : Object.keys(Object(body));
}

test("a command is copied as it is shown, and the page stays where it is", async ({ page, context }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await page.goto("/docs/thogits");
  const section = page.locator("main > section").first();
  await section.getByRole("button", { name: "Copy command" }).click();
  await expect(section.getByRole("status")).toHaveText("Copied");
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  expect(copied).toBe(await section.locator("pre").first().textContent());
});

test("the page of conformance says what its JSON twin says", async ({ page, request }) => {
  const { dialects } = await (await request.get("/conformance.json")).json();
  await page.goto("/conformance");
  for (const { name, title, original, endpoints, differences } of dialects) {
    const section = page.locator(`section#${name}`);
    await expect(section.getByRole("heading", { level: 2 })).toHaveText(title);
    await expect(section).toContainText(original);
    for (const { endpoint } of endpoints)
      await expect(section.locator("details", { hasText: endpoint }).first()).toBeAttached();
    for (const { original: theirs, reason } of differences) {
      await expect(section).toContainText(theirs);
      await expect(section).toContainText(reason);
    }
  }
});
