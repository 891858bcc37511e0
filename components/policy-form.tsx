import type { PolicySettings } from "@/lib/core/policy-settings";
import { a } from "@/lib/web/admin-messages";
import { dateInWords } from "@/lib/web/date-words";
import type { FormAction } from "@/lib/web/form-state";
import { ActionForm } from "./ui/action-form";
import { Choices } from "./ui/choices";
import { FormMessage } from "./ui/field-message";
import { SubmitButton } from "./ui/submit-button";
import { TextField } from "./ui/text-field";

type Props = {
  action: FormAction;
  policy: PolicySettings;
  now: Date;
  /** Typed before. */
  kept: ReadonlyMap<string, string>;
};

/**
 * Who must have two-factor sign-in, from when on, and with how many days of grace. What the choice has no use for is not
 * shown, unless it is what was refused, or is being mended.
 */
export function PolicyForm({ action, policy: { requiredFrom, graceDays }, now, kept }: Props) {
  const isInForce = requiredFrom !== null && requiredFrom <= now;
  const chosen = requiredFrom === null ? "never" : isInForce ? "now" : "day";
  const day = requiredFrom && !isInForce ? requiredFrom.toISOString().slice(0, 10) : "";
  return (
    <ActionForm
      action={action}
      keptFor={kept.size > 0 && a.policy.submit}
      className="group flex max-w-md flex-col gap-6"
    >
      <Choices
        name="from"
        label={a.policy.who}
        defaultValue={kept.get("from") ?? chosen}
        choices={[
          { value: "never", label: a.policy.never },
          { value: "now", label: isInForce ? a.policy.since(dateInWords(requiredFrom, now)) : a.policy.now },
          { value: "day", label: a.policy.day },
        ]}
      />
      <div className="group-has-[[value=day]:not(:checked)]:not-has-[[aria-invalid]]:not-focus-within:hidden">
        <TextField
          name="requiredFrom"
          type="date"
          label={a.policy.dayLabel}
          hint={a.policy.dayHint}
          defaultValue={kept.get("requiredFrom") ?? day}
          required={false}
        />
      </div>
      <div className="group-has-[[value=never]:checked]:not-has-[[aria-invalid]]:not-focus-within:hidden">
        <TextField
          name="graceDays"
          inputMode="numeric"
          maxLength={2}
          autoComplete="off"
          label={a.policy.graceDays}
          hint={a.policy.graceHint}
          defaultValue={kept.get("graceDays") ?? String(graceDays)}
          // A browser cannot point at an empty field that is not shown: the server says so, and then it is.
          required={false}
        />
      </div>
      <div>
        <FormMessage />
        <SubmitButton>{a.policy.submit}</SubmitButton>
      </div>
    </ActionForm>
  );
}
