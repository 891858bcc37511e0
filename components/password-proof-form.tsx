import type { FormAction } from "@/lib/web/form-state";
import { m } from "@/lib/web/messages";
import { ActionForm } from "./ui/action-form";
import { FormMessage } from "./ui/field-message";
import { PasswordField } from "./ui/password-field";
import { SubmitButton } from "./ui/submit-button";

type Props = { action: FormAction; callbackUrl: string; submit: string; email: string };

/** The password of somebody who is signed in. */
export function PasswordProofForm({ action, callbackUrl, submit, email }: Props) {
  return (
    <ActionForm action={action} hidden={{ callbackUrl }} closes className="flex flex-col gap-5">
      <UsernameHint email={email} />
      <PasswordField name="password" label={m.common.password} autoComplete="current-password" autoFocus />
      <div>
        <FormMessage />
        <SubmitButton isWide>{submit}</SubmitButton>
      </div>
    </ActionForm>
  );
}

/** Tells password managers whose password it is. */
export function UsernameHint({ email }: { email: string }) {
  return <input type="text" name="username" autoComplete="username" defaultValue={email} readOnly hidden />;
}
