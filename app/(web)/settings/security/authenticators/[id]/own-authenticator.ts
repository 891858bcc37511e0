import { notFound } from "next/navigation";
import { listTotpFactors } from "@/lib/core/factors/totp";
import { isId } from "@/lib/core/ids";
import { orUnavailable } from "@/lib/web/answer";
import { HOME } from "@/lib/web/callback-url";
import { requireFreshProof, requireSignedIn } from "@/lib/web/session";

/**
 * The authenticator that a page is about, and whether there is no other; somebody else's is none. What changes the account
 * wants a fresh proof first.
 */
export async function requireOwnAuthenticator(id: string, act: "remove" | "replace" | "test") {
  if (!isId(id)) notFound();
  const requireCaller = act === "test" ? requireSignedIn : requireFreshProof;
  const { ctx, signedIn } = await requireCaller(`${HOME}/authenticators/${id}/${act}`);
  const authenticators = await orUnavailable(listTotpFactors(ctx, signedIn));
  const one = authenticators.find((authenticator) => authenticator.id === id);
  return one ? { signedIn, one, isLast: authenticators.length === 1 } : notFound();
}
