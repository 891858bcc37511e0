import type { FormAction } from "@/lib/web/form-state";
import { m } from "@/lib/web/messages";
import { ActionForm } from "./ui/action-form";
import { CodeField } from "./ui/code-field";
import { FormMessage } from "./ui/field-message";
import { SubmitButton } from "./ui/submit-button";

/** The first code of a new authenticator. */
export function ScanForm({ action }: { action: FormAction }) {
  return (
    <ActionForm action={action} className="flex flex-col gap-4">
      <CodeField />
      <div>
        <FormMessage />
        <SubmitButton>{m.wizard.submit}</SubmitButton>
      </div>
    </ActionForm>
  );
}
