import type { FormAction } from "@/lib/web/form-state";
import { ActionForm } from "./ui/action-form";
import type { ButtonTone } from "./ui/button-look";
import { FormMessage } from "./ui/field-message";
import { SubmitButton } from "./ui/submit-button";

type Props = { action: FormAction; submit: string; tone?: ButtonTone; hidden?: Record<string, string> };

/** A form of one button. */
export function SmallForm({ action, submit, tone = "plain", hidden = {} }: Props) {
  return (
    <ActionForm action={action} hidden={hidden}>
      <FormMessage />
      <SubmitButton tone={tone}>{submit}</SubmitButton>
    </ActionForm>
  );
}
