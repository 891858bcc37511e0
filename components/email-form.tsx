import type { FormAction } from "@/lib/web/form-state";
import { m } from "@/lib/web/messages";
import { ActionForm } from "./ui/action-form";
import { FormMessage } from "./ui/field-message";
import { SubmitButton } from "./ui/submit-button";
import { TextField } from "./ui/text-field";

/** An e-mail address by itself. */
export function EmailForm({ action, submit }: { action: FormAction; submit: string }) {
  return (
    <ActionForm action={action} className="flex flex-col gap-5">
      <TextField
        name="email"
        type="email"
        label={m.common.email}
        autoComplete="username"
        maxLength={254}
        autoFocus
        autoCapitalize="none"
        spellCheck={false}
      />
      <div>
        <FormMessage />
        <SubmitButton isWide>{submit}</SubmitButton>
      </div>
    </ActionForm>
  );
}
