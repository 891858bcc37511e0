import { a } from "@/lib/web/admin-messages";
import type { FormAction } from "@/lib/web/form-state";
import { ActionForm } from "./ui/action-form";
import { ButtonLink } from "./ui/button";
import { FormMessage } from "./ui/field-message";
import { SubmitButton } from "./ui/submit-button";
import { TextField } from "./ui/text-field";

type Props = {
  action: FormAction;
  hidden: Record<string, string>;
  submit: string;
  /** It takes something away. */
  isDangerous: boolean;
  /** Where one goes who does nothing. */
  back: string;
  /** Typed before. */
  reason: string | undefined;
};

/** Why an operator does something to somebody's account, and the button that does it. */
export function ReasonForm({ action, hidden, submit, isDangerous, back, reason }: Props) {
  return (
    <ActionForm
      action={action}
      hidden={hidden}
      sentences="admin"
      keptFor={reason !== undefined && submit}
      className="flex max-w-md flex-col gap-5"
    >
      <TextField
        name="reason"
        label={a.acts.reason}
        hint={a.acts.reasonHint}
        defaultValue={reason}
        maxLength={500}
        autoComplete="off"
        isFocusedOnRefusal
      />
      <div>
        <FormMessage />
        <div className="flex flex-wrap gap-3">
          <SubmitButton tone={isDangerous ? "danger" : "main"}>{submit}</SubmitButton>
          <ButtonLink href={back}>{a.acts.keep}</ButtonLink>
        </div>
      </div>
    </ActionForm>
  );
}
