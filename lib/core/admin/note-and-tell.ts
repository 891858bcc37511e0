import type { Prisma } from "@/lib/db/generated/client";
import type { Context } from "../context";
import { type EventActor, type EventKind, eventRow, withActor } from "../events";
import { type MailKind, mailRow } from "../mail-queue";

/** What was done to somebody's account, for the audit trail and for a mail to them. `linkId`: of the link in the mail. */
export type Deed = { event: EventKind; mail: MailKind; details?: Record<string, string>; linkId?: string };

/** Writes down what was done to somebody's account, by whom and why, and tells them, in the transaction of what it tells of. */
export async function noteAndTell(
  ctx: Context,
  tx: Prisma.TransactionClient,
  by: EventActor,
  user: { id: string; email: string },
  { event, mail, details = {}, linkId }: Deed,
): Promise<void> {
  const input = withActor({ kind: event, userId: user.id, details }, by);
  await tx.event.create({ data: eventRow(ctx, input) });
  await tx.mail.create({
    data: mailRow(ctx, user.email, mail, { ...details, ...(linkId ? { linkId } : {}) }),
  });
}
