import { dayInWords, momentInWords } from "@/lib/web/date-words";
import type { FormAction } from "@/lib/web/form-state";
import { m } from "@/lib/web/messages";
import { Moment } from "./moment";
import { ActionForm } from "./ui/action-form";
import { FormMessage } from "./ui/field-message";
import { SubmitButton } from "./ui/submit-button";
import { TextField } from "./ui/text-field";

export type ShownAuthenticator = {
  id: string;
  name: string;
  createdAt: Date;
  lastUsedAt: Date | null;
  driftSteps: number;
};

type Props = {
  authenticators: ShownAuthenticator[];
  now: Date;
  rename: FormAction;
  /** Policy asks for two-factor sign-in: the only one cannot be removed. */
  keepsLast: boolean;
};

/** One's authenticators, each to be tested, replaced, renamed or removed. */
export function AuthenticatorList({ authenticators, now, rename, keepsLast }: Props) {
  const isKept = keepsLast && authenticators.length === 1;
  return (
    <ul className="divide-y divide-line border-y border-line">
      {authenticators.map(({ id, name, createdAt, lastUsedAt, driftSteps }) => (
        <li key={id} className="py-3">
          <div className="flex flex-wrap items-start justify-between gap-x-6 gap-y-1">
            <div className="min-w-0">
              <p className="break-words font-medium" translate="no">
                {name}
              </p>
              <p className="text-sm text-quiet">
                <Moment at={createdAt} now={now} words={m.security.added(dayInWords(createdAt, now))} />,{" "}
                {lastUsedAt ? (
                  <Moment
                    at={lastUsedAt}
                    now={now}
                    words={m.security.lastUsed(momentInWords(lastUsedAt, now))}
                  />
                ) : (
                  m.security.neverUsed
                )}
                {driftSteps !== 0 && `, ${m.security.drift(driftSteps)}`}
              </p>
            </div>
            <div className="flex gap-x-5">
              <a
                href={`/settings/security/authenticators/${id}/test`}
                aria-label={`${m.security.test} ${name}`}
                className="link link-alone"
              >
                {m.security.test}
              </a>
              <a
                href={`/settings/security/authenticators/${id}/replace`}
                aria-label={`${m.security.replace} ${name}`}
                className="link link-alone"
              >
                {m.security.replace}
              </a>
              {!isKept && (
                <a
                  href={`/settings/security/authenticators/${id}/remove`}
                  aria-label={`${m.security.remove} ${name}`}
                  className="link link-alone"
                >
                  {m.security.remove}
                </a>
              )}
            </div>
          </div>
          <RenameForm id={id} name={name} action={rename} />
        </li>
      ))}
    </ul>
  );
}

function RenameForm({ id, name, action }: { id: string; name: string; action: FormAction }) {
  return (
    <details className="group">
      <summary
        aria-label={`${m.security.rename} ${name}`}
        className="link link-alone w-fit list-none marker:hidden"
      >
        {m.security.rename}
      </summary>
      <ActionForm action={action} hidden={{ id }} className="mt-2 flex max-w-sm flex-col gap-3 pb-2">
        <TextField
          name="name"
          label={m.security.renameLabel}
          defaultValue={name}
          maxLength={64}
          autoComplete="off"
        />
        <div>
          <FormMessage />
          <SubmitButton tone="plain">{m.security.renameSubmit}</SubmitButton>
        </div>
      </ActionForm>
    </details>
  );
}
