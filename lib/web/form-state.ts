import type { InputField, Refusal } from "@/lib/core/refusals";

/** What a form shows after it was sent. It travels to the browser, so it holds nothing secret. */
export type FormState = {
  /** Why not; null before the first try. */
  refusal: Refusal | null;
  /** The field the refusal is about, if it is about one. */
  field: InputField | null;
  /** What was typed and may be shown again: never a password, a code or a token. */
  values: Record<string, string>;
  /** Where the page's script is to go; null while the form stays. */
  goTo: string | null;
  /** In the browser only: no answer came. */
  isLost?: boolean;
};

/** A server action behind a form. */
export type FormAction = (state: FormState, data: FormData) => Promise<FormState>;

export const EMPTY_FORM: FormState = { refusal: null, field: null, values: {}, goTo: null };

/** The field in which a refusal is shown. */
export function fieldOf(refusal: Refusal): InputField | null {
  switch (refusal.code) {
    case "invalid_input":
      return refusal.field;
    case "invalid_code":
      return "code";
    case "wrong_password":
      return "password";
    case "conflict":
      return refusal.reason === "email_taken" ? "email" : null;
    default:
      return null;
  }
}
