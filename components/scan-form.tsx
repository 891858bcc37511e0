import type { FormAction } from "@/lib/web/form-state";
import { ActionForm } from "./ui/action-form";
import { CodeField } from "./ui/code-field";
import { FormMessage } from "./ui/field-message";
import { SubmitButton } from "./ui/submit-button";

type Props = { action: FormAction; submit: string; hidden?: Record<string, string>; hasFocus?: boolean };

/** A code of one authenticator: the first one of a new one, or one to test it with. */
export function ScanForm({ action, submit, hidden = {}, hasFocus = false }: Props) {
  return (
    <ActionForm action={action} hidden={hidden} className="flex flex-col gap-4">
      <CodeField hasFocus={hasFocus} />
      <div>
        <FormMessage />
        <SubmitButton>{submit}</SubmitButton>
      </div>
    </ActionForm>
  );
}
