import type { Refusal } from "@/lib/core/refusals";
import type { FormAction } from "@/lib/web/form-state";
import { m } from "@/lib/web/messages";
import { ActionForm } from "./ui/action-form";
import { Checkbox } from "./ui/checkbox";
import { CodeField } from "./ui/code-field";
import { FormMessage } from "./ui/field-message";
import { RecoveryCodeField } from "./ui/recovery-code-field";
import { SubmitButton } from "./ui/submit-button";

type Props = {
  action: FormAction;
  callbackUrl: string;
  /** Which kind of code is typed. */
  kind: "app" | "recovery" | "mail";
  submit: string;
  /** Whether it can be asked that this browser is not asked again. */
  canTrust?: boolean;
  /** A wait or a lock that is on already. */
  initialRefusal?: Refusal | undefined;
};

const SENTENCES = { app: "plain", recovery: "recovery", mail: "mailedCode" } as const;

/** A second factor's code, at sign-in and when somebody shows again that it is them. */
export function CodeForm({ action, callbackUrl, kind, submit, canTrust = false, initialRefusal }: Props) {
  const hidden = kind === "app" ? { callbackUrl } : { callbackUrl, with: kind };
  return (
    <ActionForm
      action={action}
      hidden={hidden}
      closes
      sentences={SENTENCES[kind]}
      {...(initialRefusal ? { initialRefusal } : {})}
      className="flex flex-col gap-5"
    >
      {kind === "recovery" ? (
        <RecoveryCodeField label={m.common.recoveryCode} hint={m.common.recoveryHint} hasFocus />
      ) : (
        <CodeField hasFocus label={kind === "mail" ? m.verify.mailedCode : m.common.code} />
      )}
      {canTrust && <Checkbox name="trust" label={m.verify.trust} />}
      <div>
        <FormMessage />
        <SubmitButton isWide>{submit}</SubmitButton>
      </div>
    </ActionForm>
  );
}
