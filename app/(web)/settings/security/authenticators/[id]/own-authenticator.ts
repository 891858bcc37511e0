import { notFound } from "next/navigation";
import { listTotpFactors } from "@/lib/core/factors/totp";
import { orUnavailable } from "@/lib/web/answer";
import { HOME } from "@/lib/web/callback-url";
import { isId } from "@/lib/web/form-fields";
import { requireFreshProof } from "@/lib/web/session";

/** The authenticator that a page is about, and whether there is no other; somebody else's is none. */
export async function requireOwnAuthenticator(id: string, act: "remove" | "replace") {
  if (!isId(id)) notFound();
  const { ctx, signedIn } = await requireFreshProof(`${HOME}/authenticators/${id}/${act}`);
  const authenticators = await orUnavailable(listTotpFactors(ctx, signedIn));
  const one = authenticators.find((authenticator) => authenticator.id === id);
  return one ? { signedIn, one, isLast: authenticators.length === 1 } : notFound();
}
