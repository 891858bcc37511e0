import { dayInWords } from "@/lib/web/date-words";
import type { FormAction } from "@/lib/web/form-state";
import { m } from "@/lib/web/messages";
import { Moment } from "./moment";
import { ActionForm } from "./ui/action-form";
import { FormMessage } from "./ui/field-message";
import { TextSubmit } from "./ui/text-submit";

type Props = { waiting: { id: string; name: string; createdAt: Date }[]; now: Date; decline: FormAction };

/** Authenticators that somebody made for the visitor, each to be set up or removed. */
export function WaitingList({ waiting, now, decline }: Props) {
  return (
    <ul className="divide-y divide-line border-y border-line">
      {waiting.map(({ id, name, createdAt }) => (
        <li key={id} className="flex flex-wrap items-center justify-between gap-x-6 gap-y-1 py-3">
          <div className="min-w-0">
            <p className="break-words font-medium" translate="no">
              {name}
            </p>
            <p className="text-sm text-quiet">
              <Moment at={createdAt} now={now} words={m.security.made(dayInWords(createdAt, now))} />
            </p>
          </div>
          <div className="flex items-center gap-x-5">
            <a
              href={`/settings/security/authenticators/new?device=${id}`}
              aria-label={`${m.security.setUp} ${name}`}
              className="link link-alone font-medium"
            >
              {m.security.setUp}
            </a>
            <ActionForm action={decline} hidden={{ id }}>
              <TextSubmit aria-label={`${m.security.decline} ${name}`}>{m.security.decline}</TextSubmit>
              <FormMessage />
            </ActionForm>
          </div>
        </li>
      ))}
    </ul>
  );
}
