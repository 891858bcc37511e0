import type { FormAction } from "@/lib/web/form-state";
import { m } from "@/lib/web/messages";
import { ActionForm } from "./ui/action-form";
import { TextSubmit } from "./ui/text-submit";

/** Signs out, or gives a sign-in up that is half done. */
export function SignOutForm({ action }: { action: FormAction }) {
  return (
    <ActionForm action={action} className="inline">
      <TextSubmit>{m.common.signOut}</TextSubmit>
    </ActionForm>
  );
}
