import type { FormAction } from "@/lib/web/form-state";
import { m } from "@/lib/web/messages";
import { UsernameHint } from "./password-proof-form";
import { ActionForm } from "./ui/action-form";
import { FormMessage } from "./ui/field-message";
import { PasswordField } from "./ui/password-field";
import { SubmitButton } from "./ui/submit-button";

/** A new password, for whoever knows the old one. */
export function PasswordForm({ action, email }: { action: FormAction; email: string }) {
  return (
    <ActionForm action={action} className="flex flex-col gap-5">
      <UsernameHint email={email} />
      <PasswordField name="password" label={m.password.current} autoComplete="current-password" />
      <PasswordField
        name="newPassword"
        label={m.password.next}
        hint={m.signUp.passwordHint}
        autoComplete="new-password"
        minLength={8}
      />
      <div>
        <FormMessage />
        <SubmitButton>{m.password.submit}</SubmitButton>
      </div>
    </ActionForm>
  );
}
