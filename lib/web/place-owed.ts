import type { SignedIn } from "@/lib/core/sessions";

const WIZARD = "/settings/security/authenticators/new";
/** What somebody may open who owes a set-up: the set-up itself, and the proof that it asks for. */
const SET_UP = /^\/(?:step-up|settings\/security\/(?:authenticators\/new|recovery-codes))(?:[/?]|$)/;
const NEW_PASSWORD = /^\/(?:step-up|settings\/password)(?:[/?]|$)/;

/**
 * Where somebody who is signed in is sent in place of a page, or null: an administrator asked for a new password, or policy
 * for a second factor. The guard refuses everything else to them; this spares them the refusal.
 */
export function placeOwed(
  { demand, mustChangePassword }: Pick<SignedIn, "demand" | "mustChangePassword">,
  page: string,
): string | null {
  if (mustChangePassword) return NEW_PASSWORD.test(page) ? null : "/settings/password";
  return demand.isDue && !SET_UP.test(page) ? WIZARD : null;
}
