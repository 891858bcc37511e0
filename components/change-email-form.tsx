import type { FormAction } from "@/lib/web/form-state";
import { m } from "@/lib/web/messages";
import { UsernameHint } from "./password-proof-form";
import { ActionForm } from "./ui/action-form";
import { EmailField } from "./ui/email-field";
import { FormMessage } from "./ui/field-message";
import { PasswordField } from "./ui/password-field";
import { SubmitButton } from "./ui/submit-button";

type Props = {
  action: FormAction;
  email: string;
  /** The new one, typed before. */
  next: string | undefined;
};

/** A new address, for whoever knows the password. */
export function ChangeEmailForm({ action, email, next }: Props) {
  return (
    <ActionForm
      action={action}
      keptFor={next !== undefined && m.email.submit}
      className="flex flex-col gap-5"
    >
      <UsernameHint email={email} />
      <EmailField label={m.email.next} autoComplete="email" defaultValue={next} />
      <PasswordField name="password" label={m.password.current} autoComplete="current-password" />
      <div>
        <FormMessage />
        <SubmitButton>{m.email.submit}</SubmitButton>
      </div>
    </ActionForm>
  );
}
