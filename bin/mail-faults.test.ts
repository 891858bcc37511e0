import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { SMTPServer } from "smtp-server";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Phone } from "@/lib/core/testing/phone";
import { openDatabase } from "@/lib/db/client";
import { embeddedConnection } from "@/lib/db/connection";
import { m } from "@/lib/web/messages";
import { FormBrowser } from "./testing/form-browser";
import { findFreePort, killServer, startServer, type TestServer, until } from "./testing/process";

// A production server whose mail server does not do its work. It needs what script/build makes.
const PASSWORD = "correct horse battery";
const WIZARD = "/settings/security/authenticators/new";
const VERIFY = "/sign-in/verify";

let dataDir: string;
let server: TestServer;

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "countersign-mail-"));
});
afterEach(async () => {
  await killServer(server);
  await rm(dataDir, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
});

async function startWith(port: number): Promise<void> {
  const SMTP_URL = `smtp://127.0.0.1:${port}`;
  server = await startServer({ DATA_DIR: dataDir, SMTP_URL, EMAIL_CODES: "on", RATE_LIMIT_ADDRESS: "off" });
}

async function confirmAddress(email: string): Promise<void> {
  const db = openDatabase(embeddedConnection(dataDir));
  await db.user.update({ where: { email }, data: { emailVerifiedAt: new Date() } });
  await db.$disconnect();
}

/** Less than a mail server's silence is waited for: an answer that waits for a mail is none. */
const PATIENCE_MS = 8000;

/** Makes an account, asks for a code by mail at sign-in, and signs in by app. Every step is answered. */
async function signInWithoutMail(email: string): Promise<void> {
  const owner = new FormBrowser(server.url, PATIENCE_MS);
  expect((await owner.submit("/sign-up", { email, password: PASSWORD })).status).toBe(303);
  expect((await owner.submit(WIZARD, {}, m.wizard.start)).status).toBe(303);
  const uri = /href="(otpauth:[^"]+)"/.exec((await owner.get(WIZARD)).html)?.[1] ?? "";
  const phone = new Phone(uri.replaceAll("&amp;", "&"));
  expect((await owner.submit(WIZARD, { code: phone.code(new Date()) })).status).toBe(303);
  await confirmAddress(email);
  const other = new FormBrowser(server.url, PATIENCE_MS);
  expect((await other.submit("/sign-in", { email, password: PASSWORD })).location).toBe(VERIFY);
  expect((await other.submit(VERIFY, {}, m.verify.mailCode)).location).toBe(`${VERIFY}?with=mail`);
  expect((await other.get(`${VERIFY}?with=mail`)).html).toContain(m.verify.heads.mail.title);
  expect((await other.submit(VERIFY, { code: phone.wrongCode(new Date()) })).status).toBe(400);
  expect((await other.submit(VERIFY, { code: phone.code(new Date()) })).status).toBe(303);
  expect((await other.get("/settings/security")).status).toBe(200);
}

test("a mail server that hangs holds up no sign-in", async () => {
  const sockets: Socket[] = [];
  const hanging: Server = createServer((socket) => sockets.push(socket)).listen(0, "127.0.0.1");
  await once(hanging, "listening");
  const address = hanging.address();
  await startWith(typeof address === "object" && address ? address.port : 0);
  await signInWithoutMail("owner@example.org");
  await until(() => sockets.length > 0, 10_000);
  for (const socket of sockets) socket.destroy();
  hanging.close();
}, 120_000);

test("a mail server that is down holds up no sign-in, and gets each mail once when it is back", async () => {
  const port = await findFreePort();
  await startWith(port);
  await signInWithoutMail("owner@example.org");
  const subjects: string[] = [];
  const smtp = new SMTPServer({
    authOptional: true,
    disabledCommands: ["STARTTLS"],
    onData(stream, _session, done) {
      void text(stream).then((mail) => {
        subjects.push(/^Subject: (.*)$/m.exec(mail)?.[1] ?? "");
        done();
      });
    },
  });
  smtp.listen(port, "127.0.0.1");
  const expected = [
    "Countersign: Confirm your e-mail address",
    "Countersign: Someone entered a wrong sign-in code",
    "Countersign: Two-factor sign-in is on",
    "Countersign: Your sign-in code",
  ];
  await until(() => subjects.length >= expected.length, 60_000);
  const db = openDatabase(embeddedConnection(dataDir));
  await until(async () => (await db.mail.count({ where: { sentAt: null } })) === 0, 10_000);
  await db.$disconnect();
  expect(subjects.sort()).toEqual(expected);
  await new Promise<void>((done) => smtp.close(done));
}, 180_000);
