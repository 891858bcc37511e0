import { cookies, headers } from "next/headers";
import { redirect } from "next/navigation";
import { cache } from "react";
import { orUnavailable, setAnswerStatus } from "./answer";
import { withCallbackUrl } from "./callback-url";
import { findCaller, type SignedInCaller, type WebCaller } from "./caller";
import { placeOwed } from "./place-owed";

/** Reads the caller: once per page, and once more for a form. */
export const readCaller = cache(async (): Promise<WebCaller> => {
  const jar = await cookies();
  return orUnavailable(findCaller(await headers(), (name) => jar.get(name)?.value));
});

/**
 * The caller of a page for signed-in people; everybody else is sent to sign in and comes back to `page`. Whoever owes a
 * set-up or a new password is sent there first.
 */
export async function requireSignedIn(page: string): Promise<SignedInCaller> {
  const caller = await readCaller();
  const { signedIn } = caller;
  if (!signedIn) redirect(withCallbackUrl(caller.challengeToken ? "/sign-in/verify" : "/sign-in", page));
  const owed = placeOwed(signedIn, page);
  if (owed !== null) redirect(owed);
  return { ...caller, signedIn };
}

/** As `requireSignedIn`; whose proof is not fresh is asked for it first. */
export async function requireFreshProof(page: string): Promise<SignedInCaller> {
  const caller = await requireSignedIn(page);
  if (!caller.signedIn.isProofFresh) redirect(withCallbackUrl("/step-up", page));
  return caller;
}

/**
 * The caller of a page of the administrators' console, or null: somebody else is signed in, and the page is to say so
 * (components/administrators-only.tsx). Its use cases ask the guard all the same.
 */
export async function requireAdministrator(page: string): Promise<SignedInCaller | null> {
  const caller = await requireSignedIn(page);
  const { twoFactor, user } = caller.signedIn;
  if (user.isAdmin && twoFactor.isOn) return caller;
  setAnswerStatus(403);
  return null;
}

/** As `requireAdministrator`; whose proof is not fresh is asked for it first. */
export async function requireFreshAdministrator(page: string): Promise<SignedInCaller | null> {
  return (await requireAdministrator(page)) && requireFreshProof(page);
}
