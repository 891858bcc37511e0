import type { FormAction } from "@/lib/web/form-state";
import { m } from "@/lib/web/messages";
import { ActionForm } from "./ui/action-form";
import { FormMessage } from "./ui/field-message";
import { PasswordField } from "./ui/password-field";
import { SubmitButton } from "./ui/submit-button";

/** A new password, for whoever holds a mailed link. */
export function NewPasswordForm({ action, token }: { action: FormAction; token: string }) {
  return (
    <ActionForm action={action} hidden={{ token }} className="flex flex-col gap-5">
      <PasswordField
        name="newPassword"
        label={m.password.next}
        hint={m.signUp.passwordHint}
        autoComplete="new-password"
        minLength={8}
        autoFocus
      />
      <div>
        <FormMessage />
        <SubmitButton isWide>{m.newPassword.submit}</SubmitButton>
      </div>
    </ActionForm>
  );
}
