import type { PolicySettings } from "@/lib/core/policy-settings";
import { a } from "@/lib/web/admin-messages";
import type { FormAction } from "@/lib/web/form-state";
import { ActionForm } from "./ui/action-form";
import { Choices } from "./ui/choices";
import { FormMessage } from "./ui/field-message";
import { SubmitButton } from "./ui/submit-button";
import { TextField } from "./ui/text-field";

type Props = {
  action: FormAction;
  policy: PolicySettings;
  /** Typed before. */
  kept: Record<string, string>;
};

/** Who must have two-factor sign-in, from when on, and with how many days of grace. */
export function PolicyForm({ action, policy, kept }: Props) {
  const { requiredFrom, graceDays } = policy;
  return (
    <ActionForm action={action} className="flex max-w-md flex-col gap-6">
      <Choices
        name="from"
        label={a.policy.who}
        defaultValue={kept.from ?? (requiredFrom ? "day" : "never")}
        choices={[
          { value: "never", label: a.policy.never },
          { value: "now", label: a.policy.now },
          { value: "day", label: a.policy.day },
        ]}
      />
      <TextField
        name="requiredFrom"
        type="date"
        label={a.policy.dayLabel}
        hint={a.policy.dayHint}
        defaultValue={kept.requiredFrom ?? requiredFrom?.toISOString().slice(0, 10) ?? ""}
        required={false}
      />
      <TextField
        name="graceDays"
        inputMode="numeric"
        maxLength={2}
        autoComplete="off"
        label={a.policy.graceDays}
        hint={a.policy.graceHint}
        defaultValue={kept.graceDays ?? String(graceDays)}
      />
      <div>
        <FormMessage />
        <SubmitButton>{a.policy.submit}</SubmitButton>
      </div>
    </ActionForm>
  );
}
