import { type Acting, callerOf, requireAccess } from "@/lib/core/access/guard";
import type { Operation } from "@/lib/core/access/operations";
import type { Context } from "@/lib/core/context";
import { confirmProvisionedTotp, confirmTotp } from "@/lib/core/factors/confirm-totp";
import { newestWaitingTotp, readUserTotp, removeOwnTotp, type UserTotp } from "@/lib/core/factors/own-totp";
import { provisionTotp, startTotpByToken } from "@/lib/core/factors/provisioned-totp";
import { startTotpSetup } from "@/lib/core/factors/totp";
import { removeTotpOfUser } from "@/lib/core/factors/totp-of-users";
import { isId } from "@/lib/core/ids";
import { Refused, refuse } from "@/lib/core/refusals";

// What Zitadel's clients do with the authenticators of a user, their own or somebody's, whatever the version and the transport.

/** Who asks. */
export type Asked = { ctx: Context; acting: Acting };

/** A registration that waits for its first code. The secret is shown this once. */
export type Started = { totpId: string; uri: string; secret: string };

/** What the guard is asked about each: of one's own account, and of somebody's. */
export const ACCESS = {
  read: { own: "two_factor.read", others: "users.list" },
  start: { own: "totp.start", others: "devices.create" },
  verify: { own: "totp.confirm", others: "devices.create" },
  remove: { own: "totp.start", others: "devices.remove" },
} as const satisfies Record<string, { own: Operation; others: Operation }>;

const isOwn = ({ acting }: Asked, userId: string) => userId === acting.user.id;

/**
 * Asks the guard. Whoever may nothing with other accounts is told that there is none, whether there is or not. Refuses
 * `not_found`, and what the guard does that says nothing of the account.
 */
async function requireAccessTo(userId: string, asked: Asked, what: keyof typeof ACCESS): Promise<void> {
  const { own, others } = ACCESS[what];
  if (isOwn(asked, userId)) return requireAccess(own, callerOf(asked.acting));
  if (!isId(userId)) refuse({ code: "not_found" });
  try {
    requireAccess(others, callerOf(asked.acting));
  } catch (error) {
    // Whoever may see all accounts, and no more, is told that this is not for them, where there is one.
    if (isForbidden(error)) await readOthers(asked, userId);
    throw error;
  }
}

const isForbidden = (error: unknown) =>
  error instanceof Refused && /^(?:forbidden|insufficient_scope)$/.test(error.refusal.code);

/** Somebody's account. Refuses `not_found` to whoever may see none. */
async function readOthers({ ctx, acting }: Asked, userId: string): Promise<UserTotp> {
  try {
    return await readUserTotp(ctx, acting, userId);
  } catch (error) {
    return isForbidden(error) ? refuse({ code: "not_found" }) : Promise.reject(error);
  }
}

/** Begins a registration: for oneself, or for somebody whom it then waits for. Refuses `not_found`, and what the core does. */
export async function startRegistration(asked: Asked, userId: string): Promise<Started> {
  const { ctx, acting } = asked;
  await requireAccessTo(userId, asked, "start");
  const begin = () => {
    if (!isOwn(asked, userId)) return provisionTotp(ctx, acting, { userId });
    // A user may have several registrations under way.
    return "session" in acting
      ? startTotpSetup(ctx, acting, { keepsOthers: true })
      : startTotpByToken(ctx, acting);
  };
  const { id, uri, secret } = await begin();
  return { totpId: id, uri: sortedUri(uri), secret };
}

/** Zitadel spells the parameters in the order of their names. */
function sortedUri(uri: string): string {
  const [label = "", parameters = ""] = uri.split("?");
  return `${label}?${parameters.split("&").sort().join("&")}`;
}

/** The core reads over what stands between the digits of a code; Zitadel does not, and a code of seven characters is a wrong one. */
const plainCode = (typed: string) => typed.trim().replaceAll(/[^0-9a-z]/gi, "X");

/**
 * Proves a registration with its first code. Refuses `not_found`, `conflict` (already_confirmed), `invalid_code`, and what the core
 * does.
 * @param totpId null: the newest one that waits
 */
export async function verifyRegistration(
  asked: Asked,
  { userId, totpId, code: typed }: { userId: string; totpId: string | null; code: string },
): Promise<void> {
  const { ctx, acting } = asked;
  const code = plainCode(typed);
  await requireAccessTo(userId, asked, "verify");
  if (totpId !== null && !isId(totpId)) refuse({ code: "not_found" });
  if (!("session" in acting)) {
    const id = totpId ?? (await newestWaitingTotp(ctx, userId));
    return confirmProvisionedTotp(ctx, acting, { userId, id, code });
  }
  // Administrators who are signed in make authenticators for others, and leave it to them to prove them.
  if (!isOwn(asked, userId)) {
    await readOthers(asked, userId);
    refuse({ code: "forbidden" });
  }
  try {
    const named = totpId === null ? {} : { id: totpId };
    // No answer has room for recovery codes.
    await confirmTotp(ctx, acting, { code, ...named, hasRoomForCodes: false });
  } catch (error) {
    if (!(error instanceof Refused) || error.refusal.code !== "conflict") throw error;
    if (error.refusal.reason !== "nothing_pending") throw error;
    const { totps } = await readUserTotp(ctx, acting, userId);
    const isThere = totps.some(({ id, isConfirmed }) => isConfirmed && (totpId === null || id === totpId));
    refuse(isThere ? { code: "conflict", reason: "already_confirmed" } : { code: "not_found" });
  }
}

/** Removes an authenticator or gives a registration up, or does so with all. Refuses `not_found`, and what the core does. */
export async function removeAuthenticator(
  asked: Asked,
  { userId, totpId }: { userId: string; totpId: string | "all" },
): Promise<void> {
  const { ctx, acting } = asked;
  await requireAccessTo(userId, asked, "remove");
  if (totpId !== "all" && !isId(totpId)) refuse({ code: "not_found" });
  if (isOwn(asked, userId)) return removeOwnTotp(ctx, acting, totpId);
  await removeTotpOfUser(ctx, acting, totpId === "all" ? { userId } : { id: totpId, userId });
}

/** A user with their authenticators. Refuses `not_found`, and what the core does. */
export async function readUser(asked: Asked, userId: string): Promise<UserTotp> {
  await requireAccessTo(userId, asked, "read");
  return isOwn(asked, userId) ? readUserTotp(asked.ctx, asked.acting, userId) : readOthers(asked, userId);
}
