import type { FormAction } from "@/lib/web/form-state";
import { m } from "@/lib/web/messages";
import { ActionForm } from "./ui/action-form";
import { FormMessage } from "./ui/field-message";
import { SubmitButton } from "./ui/submit-button";
import { TextSubmit } from "./ui/text-submit";

type Props = { action: FormAction; callbackUrl: string };

/** Asks for a code by mail, among the other ways on. */
export function MailCodeForm({ action, callbackUrl }: Props) {
  return (
    <ActionForm action={action} hidden={{ callbackUrl }} sentences="mailing">
      <TextSubmit>{m.verify.mailCode}</TextSubmit>
      <FormMessage />
    </ActionForm>
  );
}

/** Asks for another one, below the field for it; `seconds` until that can be. */
export function MailAgainForm({ action, callbackUrl, seconds }: Props & { seconds: number }) {
  const wait = { code: "too_many_requests", retryAfterSeconds: seconds } as const;
  return (
    <ActionForm
      action={action}
      hidden={{ callbackUrl }}
      sentences="mailing"
      {...(seconds > 0 ? { initialRefusal: wait } : {})}
      className="mt-4"
    >
      <SubmitButton tone="plain" isWide>
        {m.verify.mailAgain}
      </SubmitButton>
      <FormMessage tone="quiet" />
      <p className="mt-2 text-sm text-quiet">{m.verify.mailAgainNote}</p>
    </ActionForm>
  );
}
