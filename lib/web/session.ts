import { cookies, headers } from "next/headers";
import { redirect } from "next/navigation";
import { cache } from "react";
import { orUnavailable } from "./answer";
import { withCallbackUrl } from "./callback-url";
import { findCaller, type SignedInCaller, type WebCaller } from "./caller";

/** Reads the caller: once per page, and once more for a form. */
export const readCaller = cache(async (): Promise<WebCaller> => {
  const jar = await cookies();
  return orUnavailable(findCaller(await headers(), (name) => jar.get(name)?.value));
});

/** The caller of a page for signed-in people; everybody else is sent to sign in and comes back to `page`. */
export async function requireSignedIn(page: string): Promise<SignedInCaller> {
  const caller = await readCaller();
  const { signedIn } = caller;
  if (signedIn) return { ...caller, signedIn };
  redirect(withCallbackUrl(caller.challengeToken ? "/sign-in/verify" : "/sign-in", page));
}

/** As `requireSignedIn`; whose proof is not fresh is asked for it first. */
export async function requireFreshProof(page: string): Promise<SignedInCaller> {
  const caller = await requireSignedIn(page);
  if (!caller.signedIn.isProofFresh) redirect(withCallbackUrl("/step-up", page));
  return caller;
}
