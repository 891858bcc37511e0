import { createAuthClient } from "better-auth/client";
import { twoFactorClient } from "better-auth/client/plugins";
import { Phone } from "@/lib/core/testing/phone";
import type { Database } from "@/lib/db/client";
import { expect, test } from "../fixtures";
import { serverUrl } from "../server";
import { Jar } from "./jar";

// The vendor's own client, as it comes, against the production server: once with a browser's cookies, once with a bearer token
// and nothing else.
const PASSWORD = "correct horse battery";

type Client = ReturnType<typeof clientBy>;

function clientBy(fetchOptions: NonNullable<Parameters<typeof createAuthClient>[0]>["fetchOptions"]) {
  return createAuthClient({
    baseURL: serverUrl(),
    plugins: [twoFactorClient()],
    ...(fetchOptions ? { fetchOptions } : {}),
  });
}

/** As if the phone had moved on: a code is good once, and a test does not wait for the next. */
async function letStepsPass(db: Database, email: string): Promise<void> {
  await db.totpFactor.updateMany({ where: { user: { email } }, data: { lastStep: -1 } });
}

/** What the client answers with when all went well. */
function good<T>({ data, error }: { data: T | null; error: unknown }): T {
  expect(error).toBeNull();
  if (data === null) throw new Error("the client answered with nothing");
  return data;
}

async function story(
  client: Client,
  who: { email: string; db: Database },
  holdChallenge: (body: object) => void,
): Promise<void> {
  const { email, db } = who;
  const codeOf = async (phone: Phone) => {
    await letStepsPass(db, email);
    return phone.codeAt(new Date(), 0);
  };
  const made = good(await client.signUp.email({ email, password: PASSWORD, name: "Person" }));
  expect(made.user).toMatchObject({ email, name: "Person", emailVerified: false });
  expect(good(await client.getSession()).user.email).toBe(email);

  const wrong = await client.twoFactor.enable({ password: "not the password" });
  expect(wrong.error).toMatchObject({ status: 400, code: "INVALID_PASSWORD" });
  const enabled = good(await client.twoFactor.enable({ password: PASSWORD, issuer: "Example" }));
  if (enabled.method !== "totp") throw new Error("an authenticator was asked for");
  expect(enabled.backupCodes).toHaveLength(10);
  expect(new URL(enabled.totpURI).searchParams.get("issuer")).toBe("Example");
  expect(good(await client.twoFactor.getTotpUri({ password: PASSWORD })).totpURI).toBe(enabled.totpURI);
  const phone = new Phone(enabled.totpURI);
  expect((await client.twoFactor.verifyTotp({ code: "000" })).error).toMatchObject({ code: "INVALID_CODE" });
  const turnedOn = good(await client.twoFactor.verifyTotp({ code: await codeOf(phone) }));
  expect(turnedOn.user).toMatchObject({ twoFactorEnabled: true });
  expect(good(await client.getSession()).session.token).toBe(turnedOn.token);
  expect((await client.twoFactor.enable({ password: PASSWORD })).error).toMatchObject({
    code: "TOTP_ALREADY_ENABLED",
  });

  good(await client.signOut());
  expect((await client.getSession()).data).toBeNull();
  const pending = good(await client.signIn.email({ email, password: PASSWORD }));
  expect(pending).toMatchObject({ twoFactorRedirect: true, twoFactorMethods: ["totp", "otp"] });
  holdChallenge(pending);
  expect((await client.getSession()).data).toBeNull();
  const code = await codeOf(phone);
  good(await client.twoFactor.verifyTotp({ code }));
  expect(good(await client.getSession()).user.email).toBe(email);
  expect((await client.twoFactor.verifyTotp({ code })).error).toMatchObject({ code: "INVALID_CODE" });

  // Proven again: the session goes on.
  const before = good(await client.getSession()).session.id;
  good(await client.twoFactor.verifyTotp({ code: await codeOf(phone) }));
  expect(good(await client.getSession()).session.id).toBe(before);

  good(await client.signOut());
  holdChallenge(good(await client.signIn.email({ email, password: PASSWORD })));
  const [backup = ""] = enabled.backupCodes;
  good(await client.twoFactor.verifyBackupCode({ code: backup }));
  expect((await client.twoFactor.verifyBackupCode({ code: backup })).error).toMatchObject({
    code: "INVALID_BACKUP_CODE",
  });
  const fresh = good(await client.twoFactor.generateBackupCodes({ password: PASSWORD }));
  expect(fresh.backupCodes).toHaveLength(10);
  expect(good(await client.listSessions())).toHaveLength(1);
  good(await client.changePassword({ currentPassword: PASSWORD, newPassword: `${PASSWORD}!` }));
  good(await client.twoFactor.disable({ password: `${PASSWORD}!` }));
  expect(good(await client.getSession()).user).toMatchObject({ twoFactorEnabled: false });
  good(await client.revokeSessions());
  expect((await client.getSession()).data).toBeNull();
}

test("the official client does everything with cookies", async ({ db, email, address }) => {
  const jar = new Jar({ origin: serverUrl(), "x-forwarded-for": address });
  const client = clientBy({ customFetchImpl: jar.fetch });
  await story(client, { email, db }, () => {});
});

test("the official client does everything with a bearer token alone", async ({ db, email, address }) => {
  let token = "";
  const client = clientBy({
    headers: { "x-forwarded-for": address },
    auth: { type: "Bearer", token: () => token },
    onSuccess: ({ response }) => {
      token = response.headers.get("set-auth-token") ?? token;
    },
  });
  await story(client, { email, db }, (body) => {
    if ("twoFactorToken" in body) token = String(body.twoFactorToken);
  });
});
