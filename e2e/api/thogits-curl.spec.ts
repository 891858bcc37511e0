import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { Phone } from "@/lib/core/testing/phone";
import { expect, test } from "../fixtures";
import { serverUrl } from "../server";

// The commands as Thogits' own pages print them, in order, with nothing but the host and the typed values put in.
const run = promisify(execFile);
const JSON_HEADER = `-H "Content-Type: application/json"`;
const JAR = "-b cookies.txt -c cookies.txt";
const AUTH = "https://app.thogits.com/api/auth";
const PASSWORD = "securepass123";

test("the published curl commands work with a cookie jar", async ({ db, email }) => {
  const folder = await mkdtemp(join(tmpdir(), "countersign-curl-"));
  const curl = async (command: string) => {
    const here = command.replace("https://app.thogits.com", serverUrl());
    const { stdout } = await run("sh", ["-c", `${here} --silent --show-error`], { cwd: folder });
    return stdout;
  };
  const post = (path: string, body: object) =>
    curl(`curl -X POST ${AUTH}/${path} ${JSON_HEADER} ${JAR} -d '${JSON.stringify(body)}'`);
  let phone: Phone;
  const code = async () => {
    // A code is good once, and this test does not wait for the next.
    await db.totpFactor.updateMany({ where: { user: { email } }, data: { lastStep: -1 } });
    return phone.codeAt(new Date(), 0);
  };
  try {
    const registered = JSON.parse(await post("register", { email, password: PASSWORD }));
    expect(registered).toMatchObject({ email, has_totp: false });
    const setup = JSON.parse(await curl(`curl -X POST ${AUTH}/2fa/totp/setup ${JAR}`));
    phone = new Phone(`otpauth://totp/Thogits:you?secret=${setup.secret}&issuer=Thogits`);
    const confirmed = JSON.parse(await post("2fa/totp/confirm", { code: await code() }));
    expect(confirmed.message).toBe("TOTP confirmed");
    expect(await curl(`curl -X POST ${AUTH}/logout ${JAR}`)).toBe("");
    expect(await post("login", { email, password: PASSWORD })).toBe('{"needs_2fa":true}');
    expect(JSON.parse(await curl(`curl ${AUTH}/me ${JAR}`)).error).toBe("Unauthorized");
    expect(JSON.parse(await post("2fa/totp/verify", { code: await code() }))).toMatchObject({
      has_totp: true,
    });
    expect(JSON.parse(await curl(`curl ${AUTH}/me ${JAR}`))).toMatchObject({ email });
    expect(JSON.parse(await post("2fa/totp/disable", { code: await code() }))).toEqual({
      message: "TOTP disabled",
    });
    expect(JSON.parse(await post("login", { email, password: PASSWORD }))).toMatchObject({ has_totp: false });
  } finally {
    await rm(folder, { recursive: true });
  }
});
