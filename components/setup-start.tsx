import type { FormAction } from "@/lib/web/form-state";
import { m } from "@/lib/web/messages";
import { ActionForm } from "./ui/action-form";
import { FormMessage } from "./ui/field-message";
import { Notice } from "./ui/notice";
import { SubmitButton } from "./ui/submit-button";
import { TextField } from "./ui/text-field";

type Props = {
  action: FormAction;
  hasLapsed: boolean;
  /** Policy asks for it, and nothing else is open until it is there. */
  isDue: boolean;
  /** There is no authenticator yet. */
  isFirst: boolean;
  /** The authenticator that goes for the new one, which takes its name over. */
  replaces: { id: string; name: string } | null;
  /** Authenticators that somebody made for the visitor. */
  waiting: { id: string; name: string }[];
  /** Typed before. */
  name: string | undefined;
};

/** Before the set-up: what it is for and what one needs. */
export function SetupStart({ action, hasLapsed, isDue, isFirst, replaces, waiting, name }: Props) {
  const [title, intro] = replaces
    ? [m.replace.title(replaces.name), `${m.replace.intro} ${m.replace.kept}`]
    : isFirst
      ? [m.wizard.startTitle, m.wizard.startIntro]
      : [m.wizard.addTitle, m.wizard.addIntro];
  return (
    <>
      {isDue && (
        <div className="mb-6">
          <Notice tone="owed" role="note">
            {m.demand.due}
          </Notice>
        </div>
      )}
      {hasLapsed && (
        <div className="mb-6">
          <Notice tone="owed">{m.wizard.lapsed}</Notice>
        </div>
      )}
      <h1 className="break-words text-2xl font-semibold tracking-tight">{title}</h1>
      <p className="mt-2 text-quiet">{intro}</p>
      {!replaces && waiting.length > 0 && <Waiting waiting={waiting} />}
      {isFirst && <Needs />}
      <ActionForm
        action={action}
        hidden={replaces ? { replaces: replaces.id } : {}}
        keptFor={name !== undefined && m.wizard.start}
        className="mt-6 flex max-w-sm flex-col gap-6"
      >
        {!replaces && (
          <TextField
            name="name"
            label={m.wizard.name}
            hint={m.wizard.nameHint}
            defaultValue={name}
            maxLength={64}
            autoComplete="off"
            isOptional
          />
        )}
        <div>
          <FormMessage />
          <div className="flex flex-wrap items-center gap-x-6 gap-y-3">
            <SubmitButton>{m.wizard.start}</SubmitButton>
            {!isDue && (
              <a href="/settings/security" className="link link-alone">
                {m.common.back}
              </a>
            )}
          </div>
        </div>
      </ActionForm>
    </>
  );
}

function Waiting({ waiting }: Pick<Props, "waiting">) {
  return (
    <div className="mt-6">
      <Notice tone="given" role="note">
        <p>{m.wizard.waiting}</p>
        <ul>
          {waiting.map(({ id, name }) => (
            <li key={id}>
              <a
                href={`/settings/security/authenticators/new?device=${id}`}
                className="link link-alone break-words font-medium"
              >
                {m.wizard.setUpWaiting(name)}
              </a>
            </li>
          ))}
        </ul>
      </Notice>
    </div>
  );
}

function Needs() {
  return (
    <>
      <h2 className="mt-6 text-lg font-semibold">{m.wizard.startNeed}</h2>
      <ul className="mt-2 list-disc space-y-2 ps-5 marker:text-quiet">
        {m.wizard.startNeeds.map((need) => (
          <li key={need}>{need}</li>
        ))}
      </ul>
    </>
  );
}
