import { newToken } from "@/lib/crypto/tokens";
import type { Prisma } from "@/lib/db/generated/client";
import { type Acting, callerOf, requireAccess } from "../access/guard";
import type { Context } from "../context";
import { mailConfirmation } from "../email-address";
import { actorOf, type EventActor } from "../events";
import { makeMailLink } from "../mail-links";
import { refuse } from "../refusals";
import { insertUser, readTypedPerson, type TypedPerson } from "../users";
import { holdActing, holdOther } from "./hold-user";
import { noteAndTell } from "./note-and-tell";

/** A person to be; without a password they are invited to choose one. */
export type AskedUser = Omit<TypedPerson, "password"> & { password?: string; isAdmin?: boolean };

/** An account just made. `isInvited`: its owner was mailed a link to choose their password. */
export type MadeUser = { id: string; isInvited: boolean };

/** Of these, the newest tells whether an invitation is still to be accepted. */
const INVITED_OR_CHOSEN = ["account.invited", "password.reset", "password.changed"];

/**
 * Makes an account for somebody, who is told by mail. Without a password they choose one by an invitation, which is good for 7
 * days. Refuses `invalid_input`, `conflict` (email_taken), `unauthenticated`, and what the guard does.
 */
export async function makeUser(ctx: Context, acting: Acting, typed: AskedUser): Promise<MadeUser> {
  requireAccess("users.create", callerOf(acting));
  const isInvited = typed.password === undefined || typed.password === "";
  // Nobody knows this one: it is there so that the account is like any other.
  const password = isInvited ? newToken() : (typed.password ?? "");
  const person = await readTypedPerson({ ...typed, password }, typed.isAdmin ?? false);
  const by = actorOf(acting);
  const id = await ctx.db.$transaction(async (tx) => {
    // A hash takes its time, in which whoever asks may have been disabled.
    await holdActing(tx, acting);
    const userId = await insertUser(ctx, tx, person, by);
    const user = { id: userId, email: person.email };
    if (isInvited) await invite(ctx, tx, by, user);
    else await mailConfirmation(ctx, tx, { userId, email: person.email }, by);
    return userId;
  });
  return { id, isInvited };
}

/**
 * Mails another invitation, which ends the one before. Refuses `not_found`, `conflict` (link_gone: it was accepted,
 * or there was none, or the account is disabled; own_account), `unauthenticated`, and what the guard does.
 */
export async function inviteAgain(ctx: Context, acting: Acting, userId: string): Promise<void> {
  requireAccess("users.create", callerOf(acting));
  await ctx.db.$transaction(async (tx) => {
    const user = await holdOther(tx, acting, userId);
    if (user.disabledAt !== null || !(await isInvited(tx, userId)))
      refuse({ code: "conflict", reason: "link_gone" });
    await invite(ctx, tx, actorOf(acting), user);
  });
}

/** Whether somebody was invited and has not chosen a password since. */
export async function isInvited(
  tx: Pick<Prisma.TransactionClient, "event">,
  userId: string,
): Promise<boolean> {
  const where = { userId, kind: { in: INVITED_OR_CHOSEN } };
  const newest = await tx.event.findFirst({ where, orderBy: { id: "desc" }, select: { kind: true } });
  return newest?.kind === "account.invited";
}

async function invite(
  ctx: Context,
  tx: Prisma.TransactionClient,
  by: EventActor,
  { id: userId, email }: { id: string; email: string },
): Promise<void> {
  const linkId = await makeMailLink(ctx, tx, { userId, email, purpose: "invitation" });
  const deed = { event: "account.invited", mail: "account_invited" } as const;
  await noteAndTell(ctx, tx, by, { id: userId, email }, { ...deed, linkId });
}
