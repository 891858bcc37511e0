import { a } from "@/lib/web/admin-messages";
import type { FormAction } from "@/lib/web/form-state";
import { ActionForm } from "./ui/action-form";
import { ButtonLink } from "./ui/button";
import { Checkbox } from "./ui/checkbox";
import { EmailField } from "./ui/email-field";
import { FormMessage } from "./ui/field-message";
import { PasswordField } from "./ui/password-field";
import { SubmitButton } from "./ui/submit-button";
import { TextField } from "./ui/text-field";

/** What an account is made of that somebody else is to have. `kept`: typed before. */
export function NewUserForm({ action, kept }: { action: FormAction; kept: ReadonlyMap<string, string> }) {
  return (
    <ActionForm
      action={action}
      sentences="admin"
      keptFor={kept.size > 0 && a.newUser.submit}
      className="flex max-w-md flex-col gap-5"
    >
      <EmailField autoComplete="off" defaultValue={kept.get("email")} autoFocus />
      <TextField
        name="name"
        label={a.newUser.name}
        defaultValue={kept.get("name")}
        autoComplete="off"
        maxLength={100}
        isOptional
      />
      <PasswordField
        name="password"
        label={a.newUser.password}
        hint={a.newUser.passwordHint}
        autoComplete="new-password"
        minLength={8}
        isOptional
      />
      <div>
        <Checkbox name="isAdmin" label={a.newUser.isAdmin} isTicked={kept.get("isAdmin") === "1"} />
        <p className="text-sm text-quiet">{a.newUser.isAdminNote}</p>
      </div>
      <div>
        <FormMessage />
        <div className="flex flex-wrap gap-3">
          <SubmitButton>{a.newUser.submit}</SubmitButton>
          <ButtonLink href="/admin/users">{a.acts.keep}</ButtonLink>
        </div>
      </div>
    </ActionForm>
  );
}
