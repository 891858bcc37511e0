import type { FormAction } from "@/lib/web/form-state";
import { m } from "@/lib/web/messages";
import { ActionForm } from "./ui/action-form";
import { EmailField } from "./ui/email-field";
import { FormMessage } from "./ui/field-message";
import { PasswordField } from "./ui/password-field";
import { SubmitButton } from "./ui/submit-button";

/** E-mail address and password. */
export function SignInForm({ action, callbackUrl }: { action: FormAction; callbackUrl: string }) {
  return (
    <ActionForm action={action} hidden={{ callbackUrl }} className="flex flex-col gap-5">
      <EmailField autoFocus />
      <PasswordField
        name="password"
        label={m.common.password}
        autoComplete="current-password"
        isFocusedOnRefusal
      />
      <div>
        <FormMessage />
        <SubmitButton isWide>{m.signIn.submit}</SubmitButton>
      </div>
    </ActionForm>
  );
}
