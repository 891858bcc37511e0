import { owedFirst } from "@/lib/core/access/guard";
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
  signedIn: Pick<SignedIn, "demand" | "mustChangePassword">,
  page: string,
): string | null {
  switch (owedFirst(signedIn)?.code) {
    case undefined:
      return null;
    case "password_change_required":
      return NEW_PASSWORD.test(page) ? null : "/settings/password";
    case "enrolment_required":
      return SET_UP.test(page) ? null : WIZARD;
  }
}
