import { notFound } from "next/navigation";
import { findUserFor } from "@/lib/core/admin/read-user";
import { isId } from "@/lib/core/ids";
import { Refused } from "@/lib/core/refusals";
import type { UserSummary } from "@/lib/core/user-summary";
import { orUnavailable } from "@/lib/web/answer";
import type { SignedInCaller } from "@/lib/web/caller";
import { requireFreshAdministrator } from "@/lib/web/session";

/** What a page reads of an account that nobody may have: there is no such page then. */
export async function orNotFound<T>(work: Promise<T>): Promise<T> {
  try {
    return await orUnavailable(work);
  } catch (error) {
    if (error instanceof Refused && error.refusal.code === "not_found") notFound();
    throw error;
  }
}

/**
 * The caller of a page that does something to somebody's account, proven freshly, and that account; null for somebody who is
 * no administrator.
 */
export async function requireAccount(
  id: string,
  page: string,
): Promise<(SignedInCaller & { user: UserSummary }) | null> {
  const caller = await requireFreshAdministrator(page);
  if (caller === null) return null;
  if (!isId(id)) notFound();
  return { ...caller, user: await orNotFound(findUserFor(caller.ctx, caller.signedIn, id)) };
}
