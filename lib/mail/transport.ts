import { mkdir, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import nodemailer from "nodemailer";
import MailComposer from "nodemailer/lib/mail-composer/index.js";
import type { Env } from "@/lib/env";

/** A mail on its way. `id` is its row's: the same at every try. */
export type Letter = { id: string; to: string; subject: string; text: string; html: string; date: Date };

/** Takes mails off our hands. `send` settles when the mail was accepted, and throws when it was not. */
export type Transport = { send(letter: Letter): Promise<void>; verify(): Promise<void>; close(): void };

type Place = Pick<Env, "smtpUrl" | "mailFrom" | "dataDir" | "publicUrl">;

/** How long a mail server may be silent, in milliseconds. All of it is far below the lease on a mail in deliver.ts. */
type Patience = { connectionTimeout: number; greetingTimeout: number; socketTimeout: number };
const PATIENCE: Patience = { connectionTimeout: 10_000, greetingTimeout: 10_000, socketTimeout: 30_000 };

/** SMTP_URL's server, else files in the data directory's outbox. */
export function openTransport(env: Place, patience = PATIENCE): Transport {
  return env.smtpUrl === null ? openOutbox(env) : openSmtp(env.smtpUrl, env, patience);
}

function message(letter: Letter, { mailFrom, publicUrl }: Place) {
  return {
    from: mailFrom,
    to: { name: "", address: letter.to },
    subject: letter.subject,
    text: letter.text,
    html: letter.html,
    date: letter.date,
    // Fixed for the row, so that a server that got it twice can tell.
    messageId: `<${letter.id}@${publicUrl.hostname}>`,
    // RFC 3834: nobody's holiday notice answers this.
    headers: { "Auto-Submitted": "auto-generated" },
    disableFileAccess: true,
    disableUrlAccess: true,
  };
}

function openSmtp(url: string, place: Place, patience: Patience): Transport {
  const transporter = nodemailer.createTransport({ url, ...patience }, {});
  return {
    async send(letter) {
      await transporter.sendMail(message(letter, place));
    },
    async verify() {
      await transporter.verify();
    },
    close: () => transporter.close(),
  };
}

function openOutbox(place: Place): Transport {
  const folder = join(place.dataDir, "outbox");
  return {
    async send(letter) {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const content = await new MailComposer(message(letter, place)).compile().build();
      // Whole or not at all, and one file for one row however often it is tried.
      const draft = join(folder, `.${letter.id}`);
      await writeFile(draft, content, { mode: 0o600 });
      await rename(draft, join(folder, `${letter.id}.eml`));
    },
    async verify() {
      await mkdir(folder, { recursive: true, mode: 0o700 });
    },
    close: () => {},
  };
}
