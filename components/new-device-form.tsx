import { a } from "@/lib/web/admin-messages";
import type { FormAction } from "@/lib/web/form-state";
import { ActionForm } from "./ui/action-form";
import { ButtonLink } from "./ui/button";
import { FormMessage } from "./ui/field-message";
import { SubmitButton } from "./ui/submit-button";
import { TextField } from "./ui/text-field";

type Props = { action: FormAction; userId: string; back: string; name: string | undefined };

/** An authenticator for somebody else. */
export function NewDeviceForm({ action, userId, back, name }: Props) {
  return (
    <ActionForm
      action={action}
      hidden={{ user: userId }}
      sentences="admin"
      keptFor={name !== undefined && a.makeDevice.submit}
      className="flex max-w-md flex-col gap-5"
    >
      <TextField
        name="name"
        label={a.makeDevice.name}
        defaultValue={name}
        maxLength={64}
        autoComplete="off"
        isOptional
      />
      <div>
        <FormMessage />
        <div className="flex flex-wrap gap-3">
          <SubmitButton>{a.makeDevice.submit}</SubmitButton>
          <ButtonLink href={back}>{a.acts.keep}</ButtonLink>
        </div>
      </div>
    </ActionForm>
  );
}
