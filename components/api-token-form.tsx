import type { FormAction } from "@/lib/web/form-state";
import { m } from "@/lib/web/messages";
import { Scope } from "./scope";
import { ActionForm } from "./ui/action-form";
import { CheckGroup } from "./ui/check-group";
import { Checkbox } from "./ui/checkbox";
import { FormMessage } from "./ui/field-message";
import { SubmitButton } from "./ui/submit-button";
import { TextField } from "./ui/text-field";

type Props = {
  action: FormAction;
  scopes: readonly string[];
  /** Scopes that only administrators have: none for anybody else. */
  administrators: readonly string[];
  defaultDays: number;
  /** Typed before. */
  kept: ReadonlyMap<string, string>;
  back: string;
};

/** What a new token is for, may do, and how long. */
export function ApiTokenForm({ action, scopes, administrators, defaultDays, kept, back }: Props) {
  const boxes = (listed: readonly string[]) => (
    <div className="flex flex-col max-sm:gap-y-3">
      {listed.map((scope) => (
        <Checkbox
          key={scope}
          name={scope}
          label={<Scope scope={scope} />}
          isTicked={kept.get(scope) === "1"}
        />
      ))}
    </div>
  );
  return (
    <ActionForm
      action={action}
      keptFor={kept.size > 0 && m.newToken.submit}
      className="mt-6 flex flex-col gap-6"
    >
      <div className="max-w-sm">
        <TextField
          name="name"
          label={m.newToken.name}
          hint={m.newToken.nameHint}
          defaultValue={kept.get("name")}
          maxLength={64}
          autoComplete="off"
        />
      </div>
      <CheckGroup name="scopes" legend={m.newToken.scopes}>
        {boxes(scopes)}
        {administrators.length > 0 && (
          <>
            <p className="mb-1 mt-4 text-quiet">{m.newToken.administrators}</p>
            {boxes(administrators)}
          </>
        )}
      </CheckGroup>
      <div className="max-w-sm">
        <TextField
          name="days"
          label={m.newToken.days}
          hint={m.newToken.daysHint}
          defaultValue={kept.get("days") ?? String(defaultDays)}
          inputMode="numeric"
          autoComplete="off"
        />
      </div>
      <div>
        <FormMessage />
        <div className="flex flex-wrap items-center gap-x-6 gap-y-3">
          <SubmitButton>{m.newToken.submit}</SubmitButton>
          <a href={back} className="link link-alone">
            {m.common.cancel}
          </a>
        </div>
      </div>
    </ActionForm>
  );
}
