import type { FormAction } from "@/lib/web/form-state";
import { m } from "@/lib/web/messages";
import { ActionForm } from "./ui/action-form";
import { EmailField } from "./ui/email-field";
import { FormMessage } from "./ui/field-message";
import { PasswordField } from "./ui/password-field";
import { SubmitButton } from "./ui/submit-button";
import { TextField } from "./ui/text-field";

type Props = { action: FormAction; hidden: Record<string, string>; submit: string };

/** What an account is made of. */
export function AccountForm({ action, hidden, submit }: Props) {
  return (
    <ActionForm action={action} hidden={hidden} className="flex flex-col gap-5">
      <EmailField autoFocus />
      <TextField name="name" label={m.common.name} autoComplete="name" maxLength={100} isOptional />
      <PasswordField
        name="password"
        label={m.common.password}
        hint={m.signUp.passwordHint}
        autoComplete="new-password"
        minLength={8}
      />
      <div>
        <FormMessage />
        <SubmitButton isWide>{submit}</SubmitButton>
      </div>
    </ActionForm>
  );
}
