import type { FormAction } from "@/lib/web/form-state";
import { m } from "@/lib/web/messages";
import { ActionForm } from "./ui/action-form";
import { ButtonLink } from "./ui/button";
import { FormMessage } from "./ui/field-message";
import { RecoveryCodeField } from "./ui/recovery-code-field";
import { SubmitButton } from "./ui/submit-button";

type Props = {
  action: FormAction;
  hidden?: Record<string, string>;
  proof: string;
  submit: string;
  keep: string;
};

/** A code for something that weakens the account. The way back is the button that offers itself. */
export function ProofForm({ action, hidden = {}, proof, submit, keep }: Props) {
  return (
    <ActionForm action={action} hidden={hidden} className="flex flex-col gap-5">
      <RecoveryCodeField label={m.common.code} hint={proof} hasFocus />
      <div>
        <FormMessage />
        <div className="flex flex-wrap gap-3">
          <ButtonLink tone="main" href="/settings/security">
            {keep}
          </ButtonLink>
          <SubmitButton tone="dangerPlain">{submit}</SubmitButton>
        </div>
      </div>
    </ActionForm>
  );
}
