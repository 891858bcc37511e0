import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "@playwright/test";
import PostalMime from "postal-mime";
import type { MailKind } from "@/lib/core/mail-queue";
import type { Database } from "@/lib/db/client";
import { dataDir } from "./server";

/** A mail as its reader's program shows it. */
export type ReadMail = { subject: string; text: string; html: string };

/** The newest mail of a kind to an address, once it is handed over. Without a mail server that is a file of the outbox. */
export async function readMail(db: Database, recipient: string, kind: MailKind): Promise<ReadMail> {
  const newest = () => db.mail.findFirst({ where: { recipient, kind }, orderBy: { id: "desc" } });
  await expect.poll(async () => (await newest())?.sentAt ?? null, "the mail is sent").not.toBeNull();
  const file = join(dataDir(), "outbox", `${(await newest())?.id}.eml`);
  const { subject = "", text = "", html = "" } = await PostalMime.parse(readFileSync(file));
  return { subject, text: text.trim(), html };
}

/** The link in a mail. */
export function linkIn({ text }: ReadMail): string {
  const [link] = text.match(/^http\S+$/m) ?? [];
  if (!link) throw new Error(`no link in this mail:\n${text}`);
  return link;
}
