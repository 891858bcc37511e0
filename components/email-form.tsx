import type { FormAction } from "@/lib/web/form-state";
import { ActionForm } from "./ui/action-form";
import { EmailField } from "./ui/email-field";
import { FormMessage } from "./ui/field-message";
import { SubmitButton } from "./ui/submit-button";

/** An e-mail address by itself. */
export function EmailForm({ action, submit }: { action: FormAction; submit: string }) {
  return (
    <ActionForm action={action} className="flex flex-col gap-5">
      <EmailField autoFocus />
      <div>
        <FormMessage />
        <SubmitButton isWide>{submit}</SubmitButton>
      </div>
    </ActionForm>
  );
}
