import { afterEach, expect, it, vi } from "vitest";
import { parseOtpauthUri } from "@/lib/crypto/otpauth-uri";
import { ImpatientClient } from "@/lib/db/impatient-client";
import { type Secret, SecretSearch } from "@/lib/testing/secrets";
import { createApiToken, readApiToken } from "./api-tokens";
import { completeSignIn } from "./challenges";
import { confirmTotp } from "./factors/confirm-totp";
import { startTotpSetup } from "./factors/totp";
import { askForNewPassword, chooseNewPassword } from "./forgotten-password";
import { mailSignInCode } from "./mailed-code";
import { readSession } from "./sessions";
import { beginSignIn } from "./sign-in";
import {
  beginChallenge,
  contextOf,
  later,
  mailedLink,
  makePerson,
  newestCode,
  PASSWORD,
  refusalOf,
  reread,
  testDatabase,
} from "./testing/fixtures";
import { Phone } from "./testing/phone";
import { takeNewToken } from "./token-reveal";

const db = testDatabase();
afterEach(() => void vi.restoreAllMocks());

// Whatever a database logs, and however it is set to: what it was never sent it cannot write down.
it("no secret reaches the database, be it in a statement or as its parameter", async () => {
  const sent = vi.spyOn(ImpatientClient.prototype, "query");
  const start = contextOf(db);
  const { email, signedIn, token, user } = await makePerson(start);
  const pending = await startTotpSetup(start, signedIn);
  const { secret } = parseOtpauthUri(pending.uri);
  const phone = new Phone(pending.uri);
  const first = phone.code(start.now);
  const confirmed = await confirmTotp(start, signedIn, { code: first });
  const recoveryCodes = confirmed.recoveryCodes ?? [];
  const owner = await reread(start, confirmed.token);
  const apiToken = await createApiToken(start, owner, { name: "Script", scopes: ["2fa:read"] });
  await takeNewToken(start, owner, apiToken.id);
  await readApiToken(start, apiToken.token);
  await db.user.update({ where: { id: user.id }, data: { emailVerifiedAt: start.now } });

  const ctx = later(start, 1800);
  const byCode = await beginChallenge(ctx, email);
  const second = phone.code(ctx.now);
  await refusalOf(completeSignIn(ctx, { challengeToken: byCode, code: phone.wrongCode(ctx.now) }));
  const done = await completeSignIn(ctx, { challengeToken: byCode, code: second, trustBrowser: true });
  await readSession(ctx, done.token);
  const byMail = await beginChallenge(ctx, email);
  await mailSignInCode(ctx, { challengeToken: byMail });
  const mailed = await newestCode(ctx, email);
  await completeSignIn(ctx, { challengeToken: byMail, code: mailed, factor: "email" });
  const byRecovery = await beginChallenge(ctx, email);
  await completeSignIn(ctx, { challengeToken: byRecovery, code: recoveryCodes[0] ?? "" });
  await askForNewPassword(ctx, { email });
  const link = await mailedLink(ctx, email, "new_password_asked");
  const next = "another horse battery";
  await chooseNewPassword(ctx, { token: link, newPassword: next });
  const mistyped = "not the password";
  await refusalOf(beginSignIn(ctx, { email, password: mistyped }));

  const hashed = { mayBeHashed: true };
  const secrets: Secret[] = [
    { name: "password", text: PASSWORD },
    { name: "new password", text: next },
    { name: "wrong password", text: mistyped },
    { name: "authenticator's secret", text: Buffer.from(secret).toString("hex"), bytes: secret },
    { name: "first code", text: first },
    { name: "second code", text: second },
    { name: "mailed code", text: mailed },
    ...recoveryCodes.map((text) => ({ name: "recovery code", text: text.replaceAll("-", "").slice(3) })),
    { name: "session's token", text: token, ...hashed },
    { name: "renewed session's token", text: confirmed.token, ...hashed },
    { name: "second session's token", text: done.token, ...hashed },
    { name: "challenge's token", text: byCode, ...hashed },
    { name: "trusted browser's token", text: done.trust?.token ?? "", ...hashed },
    { name: "known browser's token", text: done.browserToken ?? "", ...hashed },
    { name: "API token", text: apiToken.token.slice("countersign_".length), ...hashed },
    { name: "mailed link's token", text: link.split(".")[1] ?? "" },
    {
      name: "sealing key",
      text: [...start.keys.ring.keys.values()].map((key) => key.toString("base64url"))[0] ?? "",
    },
    { name: "pepper", text: start.keys.pepper.toString("base64url"), bytes: start.keys.pepper },
  ];
  for (const { name, text } of secrets) expect(text.length, name).toBeGreaterThan(5);
  const all = Buffer.concat(sent.mock.calls.flatMap(([query, values]) => spelledOut([query, values])));
  expect(new SecretSearch(secrets).in(all)).toEqual([]);
  // The search would see it.
  expect(new SecretSearch([{ name: "address", text: email }]).in(all)).not.toEqual([]);
});

/** All texts and bytes within what a client is given to send, with a blank after each. */
function spelledOut(sent: unknown): Buffer[] {
  if (sent instanceof Uint8Array) return [Buffer.from(sent), Buffer.from(" ")];
  if (typeof sent !== "object" || sent === null) return [Buffer.from(`${String(sent)} `)];
  if (sent instanceof Date) return [];
  return Object.values(sent).flatMap(spelledOut);
}
