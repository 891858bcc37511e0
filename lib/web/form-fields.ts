import { isId } from "@/lib/core/ids";
import { type InputField, type Refusal, refuse } from "@/lib/core/refusals";

/** Longer than anything a form of ours takes; the core has the exact limits. */
const MAX_LENGTH = 2048;

const INPUT_FIELDS: ReadonlySet<string> = new Set<InputField>([
  "email",
  "password",
  "newPassword",
  "name",
  "code",
  "reason",
  "token",
  "days",
  "requiredFrom",
  "graceDays",
]);

function refuseField(name: string, problem: "too_long" | "malformed"): never {
  // The set holds InputField's members and nothing else.
  if (INPUT_FIELDS.has(name)) refuse({ code: "invalid_input", field: name as InputField, problem });
  refuse({ code: "not_found" } satisfies Refusal);
}

/** A form as it was sent: texts of bearable length and nothing else. */
export class FormFields {
  private readonly data: FormData;

  constructor(data: unknown) {
    if (!(data instanceof FormData)) refuse({ code: "not_found" });
    this.data = data;
  }

  /** A field's text, "" if there is none. Refuses `invalid_input` for a file and for what no text of ours can hold. */
  text(name: string): string {
    const value = this.data.get(name) ?? "";
    if (typeof value !== "string") refuseField(name, "malformed");
    if (value.length > MAX_LENGTH) refuseField(name, "too_long");
    // NUL, and halves of surrogate pairs: no database text holds them. U+FFFD stands where bytes were no UTF-8: what
    // was typed is lost then, and two different passwords would be the same.
    if (/[\0\p{Cs}\ufffd]/u.test(value)) refuseField(name, "malformed");
    return value;
  }

  /** A whole number of at most six digits; NaN for anything else. Refuses as `text`. */
  wholeNumber(name: string): number {
    const digits = this.text(name).normalize("NFKC").trim();
    return /^\d{1,6}$/.test(digits) ? Number(digits) : Number.NaN;
  }

  /** The id of something of the caller's. Refuses `not_found` for what is no id. */
  id(name: string): string {
    const value = this.data.get(name);
    return isId(value) ? value : refuse({ code: "not_found" });
  }

  /** A field to be shown again: what cannot be shown is left out. */
  shown(name: string): string {
    const value = this.data.get(name);
    return typeof value === "string" && value.length <= MAX_LENGTH ? value : "";
  }
}
